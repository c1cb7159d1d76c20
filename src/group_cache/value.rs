//! What is kept of a group, and whether it still holds.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;
use std::fmt::Write as _;
use uuid::Uuid;

/// A group as `GET /admin/pricing/customer-groups/{id}` gives it, and its effective settings.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Kept {
    /// When, and from what.
    pub made: Made,
    /// The group itself.
    pub group: Value,
    /// What holds for it.
    pub effective: Value,
}

/// What something was made from.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Made {
    /// Which run of which server and which database.
    pub database: String,
    /// What the database showed when it was begun: PostgreSQL's text of a snapshot.
    pub seen: String,
    /// The store's currency, in which amounts are written.
    pub currency: String,
    /// The group's version.
    pub version: i32,
    /// What changes whenever anything of the group's row does.
    pub mark: String,
    /// The group and all that stand above it.
    pub path: Vec<Uuid>,
}

/// How the database stands, compared with the moment at which something was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// As [`Made::database`].
    pub database: String,
    /// As [`Made::seen`], now.
    pub seen: String,
    /// As [`Made::currency`].
    pub currency: String,
    /// The version and the mark of the group; nothing where there is no such live group.
    pub group: Option<(i32, String)>,
    /// Of which groups the settings changed since; a change without a group stands for any.
    pub changed: Vec<Option<Uuid>>,
}

/// Which part of it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The group with its lists and its count of members.
    Group,
    /// Its effective settings, which members don't change.
    Effective,
}

/// How many changes of other groups may have come since something was made, before it is kept anew as of now: they
/// are looked through whenever it is read.
const BEHIND: usize = 50;

impl Kept {
    /// Whether this part is what the database would give now.
    pub fn holds(&self, part: Part, now: &State) -> bool {
        let made = &self.made;
        let same = made.database == now.database && made.currency == now.currency;
        let row = now
            .group
            .as_ref()
            .is_some_and(|(version, mark)| *version == made.version && (part == Part::Effective || *mark == made.mark));
        same && row && now.changed.iter().all(|group| group.is_some_and(|group| !made.path.contains(&group)))
    }

    /// Whether so much happened elsewhere since that it should be kept anew, although it holds.
    pub fn is_behind(&self, now: &State) -> bool {
        now.changed.len() > BEHIND
    }

    /// This part.
    pub fn part(&self, part: Part) -> &Value {
        match part {
            Part::Group => &self.group,
            Part::Effective => &self.effective,
        }
    }
}

/// Signs what is kept. What anybody else wrote, or a program whose answers have another shape, isn't believed.
#[derive(Clone)]
pub struct Seal(Hmac<Sha256>);

/// How a sealed text begins; 64 hexadecimal digits, a quotation mark and a comma follow.
const BEGINS: &str = r#"{"seal":""#;

impl Seal {
    /// The seal of a secret that all nodes have, and of the shape of their answers.
    pub fn new(secret: &[u8], shape: &[u8]) -> Option<Self> {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
        mac.update(b"groups in the cache\0");
        mac.update(&(shape.len() as u64).to_be_bytes());
        mac.update(shape);
        Some(Self(mac))
    }

    /// A JSON object with its seal as the first field.
    pub fn write(&self, id: Uuid, kept: &Kept) -> Option<String> {
        let text = serde_json::to_string(kept).ok()?;
        let rest = text.strip_prefix('{')?;
        let mut sealed = String::from(BEGINS);
        for byte in self.over(id, rest).finalize().into_bytes() {
            write!(sealed, "{byte:02x}").ok()?;
        }
        sealed += "\",";
        sealed += rest;
        Some(sealed)
    }

    /// What [`Seal::write`] wrote for this group; nothing where it didn't.
    pub fn read(&self, id: Uuid, text: &[u8]) -> Option<Kept> {
        let (seal, rest) = std::str::from_utf8(text).ok()?.strip_prefix(BEGINS)?.split_once("\",")?;
        let digits = seal.len() == 64 && seal.bytes().all(|digit| digit.is_ascii_hexdigit());
        let seal: Vec<u8> = (0..32)
            .map(|at| seal.get(at * 2..at * 2 + 2).and_then(|byte| u8::from_str_radix(byte, 16).ok()))
            .collect::<Option<_>>()?;
        self.over(id, rest).verify_slice(&seal).ok().filter(|()| digits)?;
        serde_json::from_str(&format!("{{{rest}")).ok()
    }

    fn over(&self, id: Uuid, rest: &str) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(id.as_bytes());
        mac.update(rest.as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const GROUP: Uuid = Uuid::from_u128(2);
    const ABOVE: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(3);

    fn kept() -> Kept {
        let made = Made {
            database: "1/2".into(),
            seen: "10:10:".into(),
            currency: "USD".into(),
            version: 3,
            mark: "700".into(),
            path: vec![GROUP, ABOVE],
        };
        Kept { made, group: json!({"name": "VIP", "share": 1.50}), effective: json!({"chain": ["VIP", "ALL"]}) }
    }

    fn now() -> State {
        State {
            database: "1/2".into(),
            seen: "20:20:".into(),
            currency: "USD".into(),
            group: Some((3, "700".into())),
            changed: Vec::new(),
        }
    }

    #[test]
    fn it_holds_as_long_as_nothing_it_was_made_from_changed() {
        let group = |version, mark: &str| Some((version, mark.to_owned()));
        for (why, state, as_group, as_effective) in [
            ("nothing changed", now(), true, true),
            ("another group changed", State { changed: vec![Some(OTHER)], ..now() }, true, true),
            ("it changed itself", State { changed: vec![Some(OTHER), Some(GROUP)], ..now() }, false, false),
            ("what stands above it changed", State { changed: vec![Some(ABOVE)], ..now() }, false, false),
            ("any may have changed", State { changed: vec![None], ..now() }, false, false),
            ("a member joined", State { group: group(3, "701"), ..now() }, false, true),
            ("it was edited", State { group: group(4, "701"), ..now() }, false, false),
            ("it is gone", State { group: None, ..now() }, false, false),
            ("the store has another currency", State { currency: "EUR".into(), ..now() }, false, false),
            ("another database", State { database: "1/3".into(), ..now() }, false, false),
        ] {
            let holds = (kept().holds(Part::Group, &state), kept().holds(Part::Effective, &state));
            assert_eq!(holds, (as_group, as_effective), "{why}");
        }
    }

    #[test]
    fn what_changed_elsewhere_is_looked_through_only_for_a_while() {
        let after = |changes| State { changed: vec![Some(OTHER); changes], ..now() };
        assert!(!kept().is_behind(&after(BEHIND)) && kept().is_behind(&after(BEHIND + 1)));
    }

    #[test]
    fn only_what_was_sealed_for_this_group_is_read() {
        let seal = Seal::new(b"a secret", b"a shape").unwrap();
        let text = seal.write(GROUP, &kept()).unwrap();
        assert_eq!(seal.read(GROUP, text.as_bytes()), Some(kept()));
        let parsed: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(parsed["group"], kept().group, "it is JSON as a whole");
        assert_eq!(seal.read(OTHER, text.as_bytes()), None);
        for other in [Seal::new(b"another", b"a shape"), Seal::new(b"a secret", b"another")] {
            assert_eq!(other.unwrap().read(GROUP, text.as_bytes()), None);
        }
        let garbage = ["", "{}", "null", "{\"seal\":\"\",}", "\u{fffd}", &text[..text.len() - 1], &text[1..]];
        let changed = [text.replace("VIP", "PIV"), text.replace("{\"seal\":\"", "{\"seal\":\"0"), "{".repeat(100_000)];
        for poison in garbage.into_iter().map(str::to_owned).chain(changed) {
            assert_eq!(seal.read(GROUP, poison.as_bytes()), None, "{poison:.80}");
        }
        assert_eq!(seal.read(GROUP, b"\xff\xfe"), None);
        let plus = text.replace(&text[9..11], "+1");
        assert_eq!(seal.read(GROUP, plus.as_bytes()), None);
    }
}
