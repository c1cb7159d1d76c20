//! The customer group: its fields and the rules that hold for them (SPEC 3).

use crate::error::FieldError;
use uuid::Uuid;

/// All Customers, the root of the tree, made by the migrations.
pub const ROOT_ID: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000);

/// The greatest depth of a group below All Customers.
pub const MAX_DEPTH: usize = 8;

/// Whether a group takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It takes part.
    Active,
    /// As if it weren't there.
    Inactive,
}

impl Status {
    /// Both, in the order of the form.
    pub const ALL: [Status; 2] = [Self::Active, Self::Inactive];

    /// The stored name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }

    /// The status of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }
}

/// How customers come into a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupType {
    /// By hand.
    Manual,
    /// By rule.
    Automatic,
    /// Both.
    Hybrid,
}

impl GroupType {
    /// All types, in the order of the form.
    pub const ALL: [GroupType; 3] = [Self::Manual, Self::Automatic, Self::Hybrid];

    /// The stored name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Automatic => "automatic",
            Self::Hybrid => "hybrid",
        }
    }

    /// The type of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Manual => "Manual",
            Self::Automatic => "Automatic",
            Self::Hybrid => "Hybrid",
        }
    }

    /// What it means, in the seed's words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Manual => "assign customers manually",
            Self::Automatic => "rule-based assignment",
            Self::Hybrid => "rules + manual overrides",
        }
    }
}

/// How a membership came about (SPEC 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignment {
    /// By hand.
    Manual,
    /// By rule.
    Rule,
    /// By both.
    RuleAndManual,
}

impl Assignment {
    /// The assignment of the two stored marks; a membership has at least one of them.
    pub fn of(by_hand: bool, by_rule: bool) -> Self {
        match (by_hand, by_rule) {
            (_, false) => Self::Manual,
            (false, true) => Self::Rule,
            (true, true) => Self::RuleAndManual,
        }
    }

    /// The text of the members table.
    pub fn label(self) -> &'static str {
        match self {
            Self::Manual => "Manual",
            Self::Rule => "Rule",
            Self::RuleAndManual => "Rule + Manual",
        }
    }

    /// The name in JSON and in the history.
    pub fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Rule => "rule",
            Self::RuleAndManual => "rule_manual",
        }
    }
}

/// The fields of a group that people type, before and after checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// 1–120 characters, no `;`, unique among live groups whatever the case.
    pub name: String,
    /// 1–32 of `A-Z 0-9 _ -`, unique among live groups; `None` = suggest one.
    pub code: Option<String>,
    /// Up to 2,000 characters.
    pub description: String,
    /// Active or inactive.
    pub status: Status,
    /// Manual, automatic or hybrid.
    pub kind: GroupType,
    /// The group above; All Customers where nothing was chosen. `None` for All Customers itself.
    pub parent_id: Option<Uuid>,
    /// The most members, at least 1; `None` = no limit.
    pub capacity: Option<i32>,
}

impl Details {
    /// A new active, manual group under All Customers.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.into(),
            code: None,
            description: String::new(),
            status: Status::Active,
            kind: GroupType::Manual,
            parent_id: Some(ROOT_ID),
            capacity: None,
        }
    }

    /// Trims what people leave around a value, and checks each field by itself.
    pub fn checked(mut self) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        self.name = self.name.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Err(message) = check_name(&self.name) {
            errors.push(FieldError::new("name", message));
        }
        self.code = self.code.map(|code| code.trim().to_owned()).filter(|code| !code.is_empty());
        if let Some(Err(message)) = self.code.as_deref().map(check_code) {
            errors.push(FieldError::new("code", message));
        }
        self.description = self.description.replace("\r\n", "\n").trim().to_owned();
        if self.description.chars().count() > 2000 {
            errors.push(FieldError::new("description", "Use at most 2,000 characters."));
        } else if self.description.contains('\0') {
            errors.push(FieldError::new("description", "Remove the characters that can't be shown."));
        }
        if self.capacity.is_some_and(|capacity| capacity < 1) {
            errors.push(FieldError::new("capacity", "Enter a number from 1, or nothing for no limit."));
        }
        if errors.is_empty() { Ok(self) } else { Err(errors) }
    }
}

fn check_name(name: &str) -> Result<(), &'static str> {
    match name.chars().count() {
        0 => Err("Enter a name."),
        121.. => Err("Use at most 120 characters."),
        _ if name.contains(';') => Err("Leave out the semicolon: it separates group names in imports."),
        _ if has_unseen(name) => Err("Remove the characters that can't be shown."),
        _ => Ok(()),
    }
}

/// Whether a text of one line has characters that can't be seen in it.
pub fn has_unseen(text: &str) -> bool {
    text.chars().any(|c| c.is_control() || is_invisible(c))
}

/// Characters that show nothing or turn the text around them: two names that look alike would be two groups.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn check_code(code: &str) -> Result<(), &'static str> {
    let good = code.len() <= 32 && code.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-'));
    if good { Ok(()) } else { Err("Use 1 to 32 of the characters A–Z, 0–9, _ and -.") }
}

/// A code for a name: `VIP Customers` → `VIP-CUSTOMERS`. Numbered until `taken` says it is free.
pub fn suggest_code(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let letters: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { ' ' }).collect();
    let mut base = letters.split_whitespace().collect::<Vec<_>>().join("-");
    base.truncate(32);
    let base = base.trim_end_matches('-');
    let base = if base.is_empty() { "GROUP" } else { base };
    numbered(base, "-", 32, taken)
}

/// A name close to one that is taken: `Wholesale 2`.
pub fn suggest_name(name: &str, taken: impl Fn(&str) -> bool) -> String {
    numbered(name, " ", 120, taken)
}

fn numbered(base: &str, joint: &str, longest: usize, taken: impl Fn(&str) -> bool) -> String {
    if !taken(base) {
        return base.into();
    }
    let mut number = 2u32;
    loop {
        let suffix = format!("{joint}{number}");
        let kept: String = base.chars().take(longest - suffix.len()).collect();
        let candidate = format!("{kept}{suffix}");
        if !taken(&candidate) {
            return candidate;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(details: Details) -> Vec<String> {
        details.checked().map_or_else(|errors| errors.into_iter().map(|e| e.field).collect(), |_| Vec::new())
    }

    #[test]
    fn names_and_codes_have_a_form() {
        let named = |name: &str| wrong(Details::named(name));
        assert!(named("VIP Customers").is_empty());
        assert!(named(&"ä".repeat(120)).is_empty());
        assert_eq!(named(&"ä".repeat(121)), ["name"]);
        assert_eq!(named("  "), ["name"]);
        assert_eq!(named("A;B"), ["name"]);
        assert_eq!(named("A\u{7}B"), ["name"]);
        assert_eq!(named("\u{200b}"), ["name"]);
        assert_eq!(named("VIP\u{202e}pig"), ["name"]);

        let coded = |code: &str| wrong(Details { code: Some(code.into()), ..Details::named("A") });
        for good in ["VIP", "VIP-1", "A_B", "9", &"X".repeat(32), " VIP "] {
            assert!(coded(good).is_empty(), "{good}");
        }
        for bad in ["vip", "VIP 1", "VÍP", "A/B", &"X".repeat(33)] {
            assert_eq!(coded(bad), ["code"], "{bad}");
        }
        // Left out: suggested later.
        assert!(coded("").is_empty());
    }

    #[test]
    fn other_fields_have_limits() {
        let base = Details::named("A");
        assert_eq!(wrong(Details { description: "x".repeat(2001), ..base.clone() }), ["description"]);
        assert!(wrong(Details { description: "x".repeat(2000), ..base.clone() }).is_empty());
        assert_eq!(wrong(Details { capacity: Some(0), ..base.clone() }), ["capacity"]);
        assert_eq!(wrong(Details { capacity: Some(-5), name: "".into(), ..base }), ["name", "capacity"]);
    }

    #[test]
    fn a_name_is_trimmed() {
        assert_eq!(Details::named("  VIP \t Customers ").checked().unwrap().name, "VIP Customers");
    }

    #[test]
    fn codes_are_suggested_and_made_unique() {
        let free = |_: &str| false;
        assert_eq!(suggest_code("VIP Customers", free), "VIP-CUSTOMERS");
        assert_eq!(suggest_code("  Gold / Tier (EU) ", free), "GOLD-TIER-EU");
        assert_eq!(suggest_code("日本", free), "GROUP");
        assert_eq!(suggest_code(&"word ".repeat(20), free), "WORD-WORD-WORD-WORD-WORD-WORD-WO");
        let taken = |code: &str| ["GOLD", "GOLD-2"].contains(&code);
        assert_eq!(suggest_code("Gold", taken), "GOLD-3");
        let long = "X".repeat(40);
        assert_eq!(
            suggest_code(&long, |code| code.len() == 32 && !code.ends_with("-2")),
            format!("{}-2", "X".repeat(30))
        );
        assert_eq!(suggest_name("Gold", |name| name == "Gold"), "Gold 2");
    }

    #[test]
    fn a_membership_says_how_it_came_about() {
        assert_eq!(Assignment::of(true, true).label(), "Rule + Manual");
        assert_eq!(Assignment::of(false, true).label(), "Rule");
        assert_eq!(Assignment::of(true, false).label(), "Manual");
    }
}
