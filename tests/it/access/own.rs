//! What people do to their own account and entry, and what is done to those who leave: once each, at the very end.

use tests::{Value, json};

use super::hand::Hand;
use super::world::{named, org, per};
use crate::cast::PASSWORD;
use crate::second_factor::code;

const NEXT: &str = "sept pirogues sur le lac Debo";

/// Everything that only a person does in person.
pub async fn succeed(hand: &Hand) {
    let text = |v: &Value| v.as_str().expect("a text").to_owned();
    let contact = json!([{ "kind": "EMAIL", "value": "tard@exemple.example" }]);
    let person = json!({ "id": per(90), "displayName": "Tard Exemple", "organisation": org(2), "contactPoints": contact });
    hand.does(&hand.manager, "personCreate", person, "__typename").await;
    let seats =
        json!([{ "role": "REPRESENTATIVE", "person": { "id": per(90) }, "organisation": { "id": org(2) } }]);
    let sync = json!({ "group": named("PUB").id, "rows": seats });
    hand.does(&hand.manager, "membershipsSync", sync, "__typename").await;
    let own = hand.account("tard", &["--person", &per(90)]).await;
    let share = json!({ "group": named("PUB").id, "contactPoints": contact });
    hand.does(&own, "contactSharingSet", share, "__typename").await;

    let start = json!({ "password": PASSWORD });
    let secret = text(&hand.does(&own, "secondFactorStart", start, "secret").await["secret"]);
    let confirm = json!({ "code": code(&secret, 0) });
    let codes =
        hand.does(&own, "secondFactorConfirm", confirm, "recoveryCodes").await["recoveryCodes"].clone();
    let renew = json!({ "password": PASSWORD, "code": codes[0] });
    let codes = hand.does(&own, "recoveryCodesRenew", renew, "recoveryCodes").await["recoveryCodes"].clone();
    let remove = json!({ "password": PASSWORD, "code": codes[0] });
    hand.does(&own, "secondFactorRemove", remove, "__typename").await;

    let next = json!({ "currentPassword": PASSWORD, "newPassword": NEXT });
    hand.does(&own, "passwordChange", next, "__typename").await;
    let address = json!({ "email": "plus-tard@kafo.example", "password": NEXT });
    hand.does(&own, "accountEmailChange", address, "__typename").await;
    let me = own.ask("{ viewer { account { id } } }", json!({})).await.at("/viewer/account/id").clone();
    let issued = hand.does(&hand.admin, "passwordResetIssue", json!({ "account": me }), "token").await;
    let reset = json!({ "token": issued["token"], "newPassword": PASSWORD });
    hand.does(&hand.world.client(), "passwordReset", reset, "__typename").await;

    let own = hand.world.sign_in("plus-tard@kafo.example", PASSWORD).await;
    hand.world.sign_in("plus-tard@kafo.example", PASSWORD).await;
    let sessions = own.ask("{ viewer { account { sessions { id isCurrent } } } }", json!({})).await;
    let other = sessions.list("/viewer/account/sessions").iter().find(|s| s["isCurrent"] == false);
    let revoke = json!({ "id": other.expect("another session")["id"] });
    hand.does(&own, "sessionRevoke", revoke, "__typename").await;
    hand.world.sign_in("plus-tard@kafo.example", PASSWORD).await;
    hand.does(&own, "sessionRevokeAll", json!({ "keepCurrent": true }), "__typename").await;

    let depart = json!({ "person": per(90), "reason": "Fin de mission" });
    hand.does(&hand.manager, "personDepart", depart, "__typename").await;
    let erase = json!({ "id": per(90), "confirm": "Tard Exemple", "reason": "À sa demande" });
    hand.does(&hand.admin, "personErase", erase, "__typename").await;

    let link = hand.links.borrow()["Invité GRP"].clone();
    let accept = json!({ "token": link, "password": PASSWORD });
    hand.does(&hand.world.client(), "invitationAccept", accept, "__typename").await;
    let asker = hand.world.sign_in("observer-PUB@kafo.example", PASSWORD).await;
    let mine = asker.ask("{ membershipRequests { nodes { id note } } }", json!({})).await;
    let mine = mine.list("/membershipRequests/nodes").iter().find(|r| r["note"] == "Demande de observer@PUB");
    let withdraw = json!({ "id": mine.expect("a request")["id"] });
    hand.does(&asker, "membershipRequestWithdraw", withdraw, "__typename").await;
}
