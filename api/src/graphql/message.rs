//! What people read when a mutation is refused: one sentence that says what to do next.

use super::Language;
use crate::error::{Rule, Why};
use crate::id::Kind;

/// The sentence for a refusal.
#[must_use]
pub fn sentence(why: &Why, language: Language) -> String {
    let (english, french) = both(why);
    match language {
        Language::English => english,
        Language::French => french,
    }
}

/// The stable code of a refusal.
#[must_use]
pub const fn code(why: &Why) -> &'static str {
    match why {
        Why::NotFound(_) => "NOT_FOUND",
        Why::WrongKind { .. } => "WRONG_KIND",
        Why::Denied => "PERMISSION_DENIED",
        Why::Conflict { .. } => "CONFLICT",
        Why::State { .. } => "STATE",
        Why::Required => "REQUIRED",
        Why::Blank => "BLANK",
        Why::TooLong { .. } => "TOO_LONG",
        Why::TooMany { .. } => "TOO_MANY",
        Why::Duplicate => "DUPLICATE",
        Why::EndBeforeStart => "END_BEFORE_START",
        Why::Ambiguous { .. } => "AMBIGUOUS",
        Why::Throttled { .. } => "THROTTLED",
        Why::Invalid(rule) => match rule {
            Rule::TimeZone => "INVALID_TIME_ZONE",
            Rule::Language => "INVALID_LANGUAGE",
            Rule::Url => "INVALID_URL",
            Rule::Slug => "INVALID_SLUG",
            Rule::Email => "INVALID_EMAIL",
            Rule::UnknownCode => "UNKNOWN_CODE",
            Rule::ExactlyOne => "EXACTLY_ONE",
            Rule::Circular => "CIRCULAR",
            Rule::OtherGroup => "OTHER_GROUP",
            Rule::RoleHolder => "ROLE_HOLDER",
            Rule::OutOfRange => "OUT_OF_RANGE",
            Rule::Unfinished => "UNFINISHED",
            Rule::ReviewerIsAuthor => "REVIEWER_IS_AUTHOR",
            Rule::LastCoordinator => "LAST_COORDINATOR",
            Rule::OwnRole => "OWN_ROLE",
            Rule::OtherHolder => "OTHER_HOLDER",
            Rule::NotLaterMeeting => "NOT_LATER_MEETING",
            Rule::TextNotConfirmed => "TEXT_NOT_CONFIRMED",
            Rule::UnknownContactPoint => "UNKNOWN_CONTACT_POINT",
            Rule::NameNotConfirmed => "NAME_NOT_CONFIRMED",
            Rule::WeakPassword => "WEAK_PASSWORD",
            Rule::TooShort => "TOO_SHORT",
            Rule::NoSeat => "NO_SEAT",
            Rule::WrongPassword => "WRONG_PASSWORD",
            Rule::SecondFactorRequired => "SECOND_FACTOR_REQUIRED",
            Rule::WrongCode => "WRONG_CODE",
            Rule::LastWayIn => "LAST_WAY_IN",
        },
    }
}

fn both(why: &Why) -> (String, String) {
    match why {
        Why::NotFound(kind) => (
            format!("There is no such {}, or you may not see it.", english(*kind)),
            format!("{} introuvable, ou que vous n'avez pas le droit de voir.", french(*kind)),
        ),
        Why::WrongKind { wanted } => (
            format!("This id is not the id of a {}.", english(*wanted)),
            format!("Cet identifiant n'est pas du type attendu ({}).", french(*wanted).to_lowercase()),
        ),
        Why::Conflict { current } => (
            format!(
                "Somebody changed it in the meantime; it is at version {current} now. Read it again, then repeat."
            ),
            format!(
                "Quelqu'un l'a modifié entre-temps ; la version actuelle est {current}. Relisez, puis recommencez."
            ),
        ),
        Why::State { from, allowed } => {
            let list = allowed.join(", ");
            if allowed.is_empty() {
                (
                    format!("This is not possible in the state {from}, from which nothing leads on."),
                    format!("Impossible dans l'état {from}, qui est définitif."),
                )
            } else {
                (
                    format!("This is not possible in the state {from}. Possible now: {list}."),
                    format!("Impossible dans l'état {from}. Possible maintenant : {list}."),
                )
            }
        }
        Why::TooLong { limit } => (
            format!("This text is too long: at most {limit} bytes."),
            format!("Ce texte est trop long : {limit} octets au plus."),
        ),
        Why::TooMany { limit } => (
            format!("This list is too long: at most {limit} entries."),
            format!("Cette liste est trop longue : {limit} entrées au plus."),
        ),
        Why::Ambiguous { candidates } => (
            format!("More than one answers to this name; give the id of one of {}.", candidates.join(", ")),
            format!(
                "Plusieurs portent ce nom ; donnez l'identifiant de l'un d'eux : {}.",
                candidates.join(", ")
            ),
        ),
        Why::Throttled { seconds } => (
            format!("Too many attempts. Try again in {seconds} s."),
            format!("Trop de tentatives. Réessayez dans {seconds} s."),
        ),
        other => {
            let (english, french) = fixed(other);
            (english.to_owned(), french.to_owned())
        }
    }
}

const fn fixed(why: &Why) -> (&'static str, &'static str) {
    match why {
        Why::Denied => ("You do not have the right to do this.", "Vous n'avez pas le droit de faire cela."),
        Why::Required => ("This must be given.", "Cette donnée est obligatoire."),
        Why::Blank => ("This text is empty.", "Ce texte est vide."),
        Why::Duplicate => ("This exists already.", "Cela existe déjà."),
        Why::EndBeforeStart => ("The end is before the start.", "La fin précède le début."),
        Why::Invalid(rule) => match rule {
            Rule::TimeZone => (
                "This is no time zone: give an IANA name such as Africa/Bamako.",
                "Ce n'est pas un fuseau horaire : donnez un nom IANA, par exemple Africa/Bamako.",
            ),
            Rule::Language => (
                "This is no language tag: give one such as fr or en-GB (BCP 47).",
                "Ce n'est pas un code de langue : donnez par exemple fr ou en-GB (BCP 47).",
            ),
            Rule::Url => (
                "This is no web address: it starts with https:// and has no blanks.",
                "Ce n'est pas une adresse web : elle commence par https:// et ne contient pas d'espace.",
            ),
            Rule::Slug => (
                "A slug has 2 to 80 lower-case letters, digits and single hyphens.",
                "Un identifiant court a 2 à 80 lettres minuscules, chiffres et tirets simples.",
            ),
            Rule::Email => ("This is no e-mail address.", "Ce n'est pas une adresse électronique."),
            Rule::UnknownCode => (
                "This code is not in the reference list.",
                "Ce code ne figure pas dans la liste de référence.",
            ),
            Rule::ExactlyOne => {
                ("Give exactly one of the possible values.", "Donnez exactement une des valeurs possibles.")
            }
            Rule::Circular => ("It would point back to itself.", "La référence tournerait en rond."),
            Rule::OtherGroup => (
                "This belongs to another group or meeting.",
                "Cela appartient à un autre groupe ou à une autre réunion.",
            ),
            Rule::RoleHolder => (
                "This role is not for such a holder: LEAD, CO_LEAD, MEMBER and DONOR are for organisations, the others for people, OBSERVER for both.",
                "Ce rôle ne convient pas à ce titulaire : LEAD, CO_LEAD, MEMBER et DONOR sont pour des organisations, les autres pour des personnes, OBSERVER pour les deux.",
            ),
            Rule::OutOfRange => {
                ("This value is outside the possible range.", "Cette valeur est hors des limites.")
            }
            Rule::Unfinished => (
                "Some agenda items are still planned, or open follow-ups under review have no review yet. Record them, or close with a reason.",
                "Des points de l'ordre du jour sont encore prévus, ou des points d'action à revoir n'ont pas été revus. Enregistrez-les, ou clôturez en donnant une raison.",
            ),
            Rule::ReviewerIsAuthor => (
                "Whoever wrote the minutes cannot review them.",
                "L'auteur du compte rendu ne peut pas en être le relecteur.",
            ),
            Rule::LastCoordinator => (
                "This is the last coordinator of the group. Name another one first.",
                "C'est la dernière personne qui coordonne le groupe. Nommez-en d'abord une autre.",
            ),
            Rule::OwnRole => (
                "Nobody changes their own role. Ask another coordinator or the operation manager.",
                "Personne ne change son propre rôle. Demandez à une autre personne habilitée.",
            ),
            Rule::OtherHolder => (
                "This is the seat of somebody else. End it, and give another one.",
                "Ce siège est celui de quelqu'un d'autre. Mettez-y fin et donnez-en un autre.",
            ),
            Rule::NotLaterMeeting => (
                "Minutes are adopted at a later meeting of the same group.",
                "Un compte rendu est adopté lors d'une réunion ultérieure du même groupe.",
            ),
            Rule::TextNotConfirmed => (
                "Confirm the text that goes out for every recommendation and follow-up of the meeting.",
                "Confirmez le texte à publier pour chaque recommandation et point d'action de la réunion.",
            ),
            Rule::UnknownContactPoint => (
                "You have no such contact point. Add it with personUpdate first.",
                "Vous n'avez pas ces coordonnées. Ajoutez-les d'abord avec personUpdate.",
            ),
            Rule::NameNotConfirmed => (
                "This is not the name of the person: write it as it is shown.",
                "Ce n'est pas le nom de la personne : écrivez-le tel qu'il est affiché.",
            ),
            Rule::WeakPassword => (
                "This password is too easy to guess: give at least 15 characters, best a few words.",
                "Ce mot de passe est trop facile à deviner : 15 caractères au moins, plutôt quelques mots.",
            ),
            Rule::TooShort => (
                "This text is too short: say in a few words what it is about.",
                "Ce texte est trop court : dites en quelques mots de quoi il s'agit.",
            ),
            Rule::NoSeat => (
                "The account has nothing there: give a group or operation in which it has a seat.",
                "Ce compte n'a rien là : donnez un groupe ou une opération où il a un rôle.",
            ),
            Rule::WrongPassword => ("This is not your password.", "Ce n'est pas votre mot de passe."),
            Rule::SecondFactorRequired => (
                "Give the six digits that your authenticator shows, or a recovery code.",
                "Donnez les six chiffres de votre application d'authentification, ou un code de secours.",
            ),
            Rule::WrongCode => (
                "This code does not hold, or was used before. Wait for the next one.",
                "Ce code n'est pas valable, ou a déjà servi. Attendez le suivant.",
            ),
            Rule::LastWayIn => (
                "Without this you could not sign in any more. Link another identity or set a password first.",
                "Sans cela vous ne pourriez plus vous connecter. Liez d'abord une autre identité ou choisissez un mot de passe.",
            ),
        },
        _ => ("This was refused.", "Cela a été refusé."),
    }
}

const fn english(kind: Kind) -> &'static str {
    match kind {
        Kind::Operation => "operation",
        Kind::Group => "group",
        Kind::Organisation => "organisation",
        Kind::Person => "person",
        Kind::Membership => "membership",
        Kind::MeetingSeries => "meeting series",
        Kind::Meeting => "meeting",
        Kind::AgendaItem => "agenda item",
        Kind::Attendance => "attendance line",
        Kind::Minutes => "minutes",
        Kind::Recommendation => "recommendation",
        Kind::FollowUp => "follow-up",
        Kind::Assignment => "assignment",
        Kind::Review => "review",
        Kind::Referral => "referral",
        Kind::Announcement => "announcement",
        Kind::Document => "document",
        Kind::Place => "place",
        Kind::Account => "account",
        Kind::ServiceAccount => "service account",
        Kind::ApiToken => "API token",
        Kind::Invitation => "invitation",
        Kind::MembershipRequest => "membership request",
        Kind::BreakGlass => "break-glass access",
        Kind::AuditEntry => "entry of the audit log",
        Kind::Session => "sign-in",
        Kind::OpenidIdentity => "linked identity",
    }
}

const fn french(kind: Kind) -> &'static str {
    match kind {
        Kind::Operation => "Opération",
        Kind::Group => "Groupe",
        Kind::Organisation => "Organisation",
        Kind::Person => "Personne",
        Kind::Membership => "Appartenance",
        Kind::MeetingSeries => "Série de réunions",
        Kind::Meeting => "Réunion",
        Kind::AgendaItem => "Point de l'ordre du jour",
        Kind::Attendance => "Ligne de la liste de présence",
        Kind::Minutes => "Compte rendu",
        Kind::Recommendation => "Recommandation",
        Kind::FollowUp => "Point d'action",
        Kind::Assignment => "Attribution",
        Kind::Review => "Revue",
        Kind::Referral => "Renvoi",
        Kind::Announcement => "Annonce",
        Kind::Document => "Document",
        Kind::Place => "Lieu",
        Kind::Account => "Compte",
        Kind::ServiceAccount => "Compte de service",
        Kind::ApiToken => "Jeton d'API",
        Kind::Invitation => "Invitation",
        Kind::MembershipRequest => "Demande d'appartenance",
        Kind::BreakGlass => "Accès exceptionnel",
        Kind::AuditEntry => "Entrée du journal",
        Kind::Session => "Session",
        Kind::OpenidIdentity => "Identité liée",
    }
}
