use proptest::prelude::*;

use super::*;

fn refusal(document: &str) -> Option<Refusal> {
    admit(document).err().map(|(refusal, _)| refusal)
}

fn wrap(open: &str, core: &str, close: &str, times: usize) -> String {
    format!("{}{core}{}", open.repeat(times), close.repeat(times))
}

fn each(count: usize, make: impl Fn(usize) -> String) -> String {
    (0..count).map(make).collect()
}

/// A document with this many of what a limit counts.
fn with(limit: Limit, count: usize) -> String {
    match limit {
        Limit::Bytes => format!("{{a}}{}", " ".repeat(count - 3)),
        Limit::Tokens => {
            // the commas are none; lists of 400 keep the limit of lists
            let values = count - 6;
            let lists = each(values / 402, |_| format!("[{}]", "1 ".repeat(400)));
            format!("{{a(b{lists}{})}}", "c ".repeat(values % 402))
        }
        Limit::Name => format!("{{{}}}", "a".repeat(count)),
        Limit::Digits => format!("{{a(b:{})}}", "9".repeat(count)),
        Limit::Operations => each(count, |at| format!("query Q{at}{{a}}")),
        Limit::Fragments => format!("{{a}}{}", each(count, |at| format!("fragment F{at} on Query{{a}}"))),
        Limit::Spreads => format!("{{{}}}", "...F ".repeat(count)),
        Limit::Aliases => format!("{{a{{{}}}}}", each(count, |at| format!("a{at}:b "))),
        Limit::DirectivesHere => format!("{{a {}}}", "@b".repeat(count)),
        Limit::Directives => format!("{{a{{{}}}}}", "...@b{c}".repeat(count)),
        Limit::Depth => wrap("{a", "", "}", count),
        Limit::Nesting => format!("{{{}}}", wrap("...{", "a", "}", count - 1)),
        Limit::Literal => format!("{{a(b:{})}}", wrap("[", "1", "]", count)),
        Limit::List => format!("{{a(b:[{}])}}", "1 ".repeat(count)),
        Limit::Roots => format!("{{{}}}", "a ".repeat(count)),
        Limit::Fields => format!("{{a{{{}}}}}", "b ".repeat(count - 1)),
        Limit::Circles => format!("{{{}}}", wrap("fields{type{", "name", "}}", count)),
    }
}

#[test]
fn at_the_limit_a_document_passes_and_one_more_is_refused() {
    for limit in [
        Limit::Bytes,
        Limit::Tokens,
        Limit::Name,
        Limit::Digits,
        Limit::Operations,
        Limit::Fragments,
        Limit::Spreads,
        Limit::Aliases,
        Limit::DirectivesHere,
        Limit::Directives,
        Limit::Depth,
        Limit::Nesting,
        Limit::Literal,
        Limit::List,
        Limit::Roots,
        Limit::Fields,
        Limit::Circles,
    ] {
        let most = limit.most() as usize;
        assert_eq!(refusal(&with(limit, most)), None, "{limit:?}");
        assert_eq!(refusal(&with(limit, most + 1)), Some(Refusal::Over(limit)), "{limit:?}");
    }
}

#[test]
fn fragments_count_where_they_are_spread() {
    let fragment = |core: &str| format!("fragment F on Query{{{core}}}");
    let deep = |outer: usize, inner: usize| {
        format!(
            "{} {}",
            wrap("{a", "{...F}", "}", outer),
            fragment(&format!("a{}", wrap("{a", "", "}", inner - 1)))
        )
    };
    assert_eq!(refusal(&deep(8, 8)), None);
    assert_eq!(refusal(&deep(8, 9)), Some(Refusal::Over(Limit::Depth)));
    let roots = |outer: usize, inner: usize| {
        format!("{{{}...F}} {}", "a ".repeat(outer), fragment(&"a ".repeat(inner)))
    };
    assert_eq!(refusal(&roots(10, 10)), None);
    assert_eq!(refusal(&roots(10, 11)), Some(Refusal::Over(Limit::Roots)));
    let circles =
        |inner: usize| format!("{{fields{{...F}}}} {}", fragment(&wrap("fields{type{", "name", "}}", inner)));
    assert_eq!(refusal(&circles(1)), None);
    assert_eq!(refusal(&circles(2)), Some(Refusal::Over(Limit::Circles)));
}

#[test]
fn fragments_that_fan_out_are_measured_not_expanded() {
    for (depth, width) in [(12, 2), (30, 10), (99, 2)] {
        let fan = each(depth, |at| {
            format!("fragment F{at} on Query{{{}}}", format!("...F{} ", at + 1).repeat(width))
        });
        let document = format!("{{...F0}} {fan} fragment F{depth} on Query{{a}}");
        assert!(matches!(refusal(&document), Some(Refusal::Over(_))), "{depth} deep, {width} wide");
    }
}

#[test]
fn circles_of_fragments_are_found_used_or_not() {
    for document in [
        "{...A} fragment A on Q{...A}",
        "{...A} fragment A on Q{...B} fragment B on Q{a{...A}}",
        "{a} fragment A on Q{...B} fragment B on Q{...A}",
    ] {
        assert_eq!(refusal(document), Some(Refusal::Cycle), "{document}");
    }
}

#[test]
fn what_is_no_document_is_told_from_what_defines_types() {
    for document in
        ["", "#", "{", "}", "{a}}", "{a(b:[1)}", "hello {a}", "query", "{a $b}", "{a [b]}", "{a: b: c}"]
    {
        assert_eq!(refusal(document), Some(Refusal::Syntax), "{document}");
    }
    for document in [
        "type T{a:Int}",
        "{a} type T{a:Int}",
        "extend type Q{a:Int}",
        "{a} directive @d on FIELD",
        "\"t\" scalar S",
    ] {
        assert_eq!(refusal(document), Some(Refusal::TypeSystem), "{document}");
    }
}

#[test]
fn what_people_write_is_admitted() {
    for document in [
        "{a}",
        "query A($a:[ID!]!=[\"b\"]@c(d:1),$e:F={g:[{h:null}]})@i{j:k(l:$a)@include(if:true){...M ...on N{o}...@skip(if:$p){q}}}
         fragment M on N@r{s}",
        "mutation{on(fragment:query){query mutation fragment type}}",
        "subscription{a}",
        "{...F}fragment F on on{on}",
        "query query{query}",
        include_str!("../../../assets/explorer/examples/1-open-actions.graphql"),
        include_str!("../../../assets/explorer/examples/2-meeting-outcomes.graphql"),
        include_str!("../../../assets/explorer/examples/3-memberships.graphql"),
    ] {
        assert_eq!(admit(document), Ok(()), "{document}");
    }
}

proptest! {
    #[test]
    fn any_text_is_judged(document in ".*") {
        let _ = admit(&document);
    }

    #[test]
    fn any_soup_of_tokens_is_judged(parts in prop::collection::vec(prop::sample::select(&[
        "{", "}", "[", "]", "(", ")", "...", "...F", "fragment F on Q{", "query", "a", "b:", "$", "@c", "\"", "\"\"\"",
        "\\", "1", "-1.5e3", "é", "\u{feff}", "#", "\n", "fields{", "on", "\\u{D800}", "\0", "=", "!", "type",
    ][..]), 0..400)) {
        let _ = admit(&parts.concat());
    }

    #[test]
    fn any_cut_of_a_document_is_judged(at in 0_usize..400, insert in ".{0,8}") {
        let whole = include_str!("../../../assets/explorer/examples/1-open-actions.graphql");
        let at = (0..=at.min(whole.len())).rev().find(|&at| whole.is_char_boundary(at)).unwrap_or(0);
        let (head, tail) = whole.split_at(at);
        let _ = admit(&format!("{head}{insert}{tail}"));
        let _ = admit(head);
    }
}
