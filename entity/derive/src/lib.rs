//! `#[derive(FromCells)]`: a model takes its fields from the cells of a row, each as what it is.
//!
//! sea-orm does the same through a value for each cell that may be of any type, which took a quarter of the time of a
//! read.

use proc_macro::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, parse_macro_input};

/// Implements `entity::cell::FromCells` for a model: its fields are the columns of its table, in their order.
#[proc_macro_derive(FromCells)]
pub fn from_cells(input: TokenStream) -> TokenStream {
    let model = parse_macro_input!(input as DeriveInput);
    let name = &model.ident;
    let Data::Struct(syn::DataStruct { fields: Fields::Named(fields), .. }) = &model.data else {
        return syn::Error::new_spanned(name, "a model has named fields").into_compile_error().into();
    };
    let count = fields.named.len();
    let arms = fields.named.iter().enumerate().map(|(column, field)| {
        let field = &field.ident;
        quote!(#column => self.#field = cell.read()?)
    });
    quote! {
        impl crate::cell::FromCells for #name {
            const COLUMNS: usize = #count;

            fn set(&mut self, column: usize, cell: crate::cell::Cell<'_>) -> Result<(), sea_orm::DbErr> {
                match column {
                    #(#arms,)*
                    _ => {}
                }
                Ok(())
            }
        }
    }
    .into()
}
