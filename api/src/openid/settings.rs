//! Which issuers are trusted: one by the environment, several by a file. Every mistake is named.

use openidconnect::url::{Host, Url};
use secrecy::SecretString;
use serde::Deserialize;

/// The issuers that are trusted, read and sound.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The issuers.
    pub issuers: Vec<IssuerSettings>,
    /// Where browsers find Kafo: scheme, host and port.
    pub public_url: Option<String>,
}

/// One issuer.
#[derive(Clone, Debug)]
pub struct IssuerSettings {
    /// Its identifier, exactly as it stands in its tokens.
    pub url: String,
    /// What people call it.
    pub name: String,
    /// Kafo as a client there: for browsers.
    pub client: Option<ClientSettings>,
    /// The audience of access tokens that are meant for Kafo; without one, none are taken.
    pub audience: Option<String>,
}

/// Kafo as a client of an issuer.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// Its id.
    pub id: String,
    /// Its secret; a public client has none.
    pub secret: Option<SecretString>,
}

/// One issuer as somebody wrote it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    issuer: String,
    name: Option<String>,
    client_id: Option<String>,
    client_secret: Option<SecretString>,
    audience: Option<String>,
}

/// What the environment says, unread.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    single: Written,
    file: Option<String>,
}

impl Environment {
    /// Reads the variables `KAFO_OPENID_…`.
    #[must_use]
    pub fn read() -> Self {
        let variable =
            |name: &str| std::env::var(format!("KAFO_OPENID_{name}")).ok().filter(|v| !v.trim().is_empty());
        Self {
            single: Written {
                issuer: variable("ISSUER").unwrap_or_default(),
                name: variable("NAME"),
                client_id: variable("CLIENT_ID"),
                client_secret: variable("CLIENT_SECRET").map(Into::into),
                audience: variable("AUDIENCE"),
            },
            file: variable("FILE"),
        }
    }

    /// The settings, or every mistake.
    ///
    /// # Errors
    /// A sentence for each mistake; no secret is repeated.
    pub fn settings(&self, public_url: Option<&str>) -> Result<Settings, Vec<String>> {
        let mut mistakes = Vec::new();
        let single = &self.single;
        let is_single = !single.issuer.is_empty()
            || single.name.is_some()
            || single.client_id.is_some()
            || single.client_secret.is_some()
            || single.audience.is_some();
        let written = match &self.file {
            Some(_) if is_single => {
                mistakes
                    .push("give KAFO_OPENID_FILE or the other variables KAFO_OPENID_…, not both".to_owned());
                Vec::new()
            }
            Some(file) => list(file).unwrap_or_else(|mistake| {
                mistakes.push(mistake);
                Vec::new()
            }),
            None if is_single => vec![single.clone()],
            None => Vec::new(),
        };
        let public_url = public_url.and_then(|url| match origin(url) {
            Ok(origin) => Some(origin),
            Err(why) => {
                mistakes.push(format!("the public address (--public-url, KAFO_PUBLIC_URL) {why}"));
                None
            }
        });
        let mut issuers: Vec<IssuerSettings> = Vec::new();
        for (number, one) in written.into_iter().enumerate() {
            let place = match &self.file {
                Some(file) => format!("{file}, entry {}", number + 1),
                None => "KAFO_OPENID_…".to_owned(),
            };
            match sound(one) {
                Ok(issuer) if issuers.iter().any(|i| i.url == issuer.url) => {
                    mistakes.push(format!("{place}: this issuer stands there twice"));
                }
                Ok(issuer) => issuers.push(issuer),
                Err(wrong) => mistakes.extend(wrong.into_iter().map(|what| format!("{place}: {what}"))),
            }
        }
        if public_url.is_none() && mistakes.is_empty() && issuers.iter().any(|i| i.client.is_some()) {
            mistakes.push(
                "sign-in through OpenID Connect needs the address under which browsers find Kafo: --public-url, KAFO_PUBLIC_URL"
                    .to_owned(),
            );
        }
        if mistakes.is_empty() { Ok(Settings { issuers, public_url }) } else { Err(mistakes) }
    }
}

fn list(file: &str) -> Result<Vec<Written>, String> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("KAFO_OPENID_FILE, {file}: {e}"))?;
    // the parser's own words may repeat a secret: place only
    serde_json::from_str(&text).map_err(|e| {
        format!(
            "KAFO_OPENID_FILE, {file}, line {}: this must be a list of objects with issuer and optionally name, clientId, clientSecret, audience",
            e.line()
        )
    })
}

fn sound(written: Written) -> Result<IssuerSettings, Vec<String>> {
    let mut wrong = Vec::new();
    let host = match web(&written.issuer) {
        Ok(url) if url.query().is_some() || url.fragment().is_some() => {
            wrong.push("the issuer must have no query and no fragment".to_owned());
            String::new()
        }
        Ok(url) => url.host_str().unwrap_or_default().to_owned(),
        Err(why) => {
            wrong.push(format!("the issuer {why}"));
            String::new()
        }
    };
    if written.client_id.is_none() && written.audience.is_none() {
        wrong.push("give a client id (sign-in by browser), an audience (access tokens), or both".to_owned());
    }
    if written.client_secret.is_some() && written.client_id.is_none() {
        wrong.push("there is a client secret without a client id".to_owned());
    }
    // otherwise the ID token of any page of the same client would open the API
    if written.audience.is_some() && written.audience == written.client_id {
        wrong.push("the audience of access tokens must not be the client id".to_owned());
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let secret = written.client_secret;
    Ok(IssuerSettings {
        url: written.issuer,
        name: written.name.unwrap_or(host),
        client: written.client_id.map(|id| ClientSettings { id, secret }),
        audience: written.audience,
    })
}

/// An address that may be asked: encrypted, or on this very machine.
pub(super) fn web(address: &str) -> Result<Url, &'static str> {
    let url = Url::parse(address).map_err(|_| "must be a web address, starting with https://")?;
    let encrypted = url.scheme() == "https" && url.host().is_some();
    if !(encrypted || url.scheme() == "http" && is_loopback(&url)) {
        return Err("must start with https:// (http:// only on a loopback address)");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must hold no user name and no password");
    }
    Ok(url)
}

/// Whether the address is one of this very machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn origin(address: &str) -> Result<String, &'static str> {
    let url = web(address)?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("must be scheme, host and port only, like https://kafo.example.org");
    }
    Ok(url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(issuer: &str, client: Option<&str>, audience: Option<&str>) -> Environment {
        let single = Written {
            issuer: issuer.to_owned(),
            client_id: client.map(str::to_owned),
            client_secret: Some("a secret word".into()),
            audience: audience.map(str::to_owned),
            name: None,
        };
        Environment { single, file: None }
    }

    #[test]
    fn a_sound_issuer_is_taken() {
        let one = written("https://id.example.org/realms/x", Some("kafo"), Some("kafo-api"));
        let settings = one.settings(Some("https://kafo.example.org/")).expect("sound");
        assert_eq!(settings.public_url.as_deref(), Some("https://kafo.example.org"));
        assert_eq!(settings.issuers[0].name, "id.example.org");
        assert!(!format!("{settings:?}{one:?}").contains("secret word"));
        for loopback in ["http://127.0.0.1:81", "http://[::1]:81", "http://localhost"] {
            assert!(written(loopback, Some("kafo"), None).settings(Some(loopback)).is_ok(), "{loopback}");
        }
    }

    #[test]
    fn every_mistake_is_named() {
        let public = Some("https://kafo.example.org");
        for (issuer, client, audience, public, said) in [
            ("", Some("k"), None, public, "https://"),
            ("http://id.example.org", Some("k"), None, public, "loopback"),
            ("http://127.0.0.1.example.org", Some("k"), None, public, "loopback"),
            ("https://user:word@id.example.org", Some("k"), None, public, "password"),
            ("https://id.example.org?x=1", Some("k"), None, public, "query"),
            ("https://id.example.org", None, None, public, "client id"),
            ("https://id.example.org", Some("k"), Some("k"), public, "audience"),
            ("https://id.example.org", Some("k"), None, None, "KAFO_PUBLIC_URL"),
            ("https://id.example.org", Some("k"), None, Some("http://kafo.example.org"), "loopback"),
            ("https://id.example.org", Some("k"), None, Some("https://kafo.example.org/x"), "port only"),
        ] {
            let mistakes = written(issuer, client, audience).settings(public).expect_err("a mistake");
            let all = mistakes.join("\n");
            assert!(all.contains(said) && !all.contains("secret word"), "{issuer}: {all}");
        }
        let none = Environment::default().settings(None).expect("nothing is fine");
        assert!(none.issuers.is_empty());
        let both =
            Environment { file: Some("/nowhere".to_owned()), ..written("https://x.example", None, None) };
        assert!(both.settings(None).expect_err("a mistake")[0].contains("not both"));
    }
}
