//! When somebody has to wait, and which code of a second factor holds. Pure.

pub mod second_factor;
pub mod throttle;

/// Whether an administrator may issue a link for a forgotten password, or change an address: not for
/// themselves (they have a password to give) and not for another administrator, whom they would become.
#[must_use]
pub const fn may_look_after(is_admin: bool, is_oneself: bool, other_is_admin: bool) -> bool {
    is_admin && !is_oneself && !other_is_admin
}

/// What is shown of a `User-Agent`: enough to recognise one's own device.
#[must_use]
pub fn client_name(agent: &str) -> Option<String> {
    let name: String = agent.chars().filter(|c| !c.is_control()).take(200).collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}
