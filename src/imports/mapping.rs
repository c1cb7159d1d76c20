//! Which column of a file is which column of its kind: as asked for, as remembered, or guessed from the header.

use super::kind::{Column, Kind};
use crate::error::FieldError;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

/// A file with more columns than this is none of ours.
const MAX_COLUMNS: usize = 500;

/// What the user says about the columns.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// `--map`: column of the file → column of the kind, or `-` to leave it out.
    pub map: Vec<(String, String)>,
    /// `--set`: column of the kind → the value that every row gets.
    pub set: Vec<(String, String)>,
}

/// Where the value of a kind's column comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: an update leaves it as it is.
    Absent,
    /// From the field at this place of each record.
    Field(usize),
    /// The same for every row (`--set`).
    Constant(String),
}

/// A header matched to a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// For each column of the kind, in its order, where its value comes from.
    pub origins: Vec<Origin>,
    /// Column of the file → column of the kind, as remembered for the next file with this header.
    pub pairs: BTreeMap<String, String>,
    /// Columns of the file that nothing is read from.
    pub unused: Vec<String>,
    /// How many fields each record must have.
    pub width: usize,
}

/// A name without what people write differently: case, spaces, `_`, `-` and other signs.
pub fn normalize(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What a remembered mapping is kept under: the same for files with the same columns in the same order.
pub fn signature(header: &[String]) -> String {
    let mut hash = Sha256::new();
    for name in header {
        hash.update(name.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Matches a header to a kind. What is asked for goes first, then what is remembered for this header, then the guess.
///
/// # Errors
/// Every reason why the header can't be taken, each a sentence that says what to do.
pub fn match_header(
    kind: Kind,
    header: &[String],
    wishes: &Wishes,
    remembered: Option<&BTreeMap<String, String>>,
) -> Result<Mapping, Vec<FieldError>> {
    check_header(kind, header)?;
    let (matching, mut errors) = Matching::of(kind, header, wishes, remembered);
    if errors.is_empty() {
        matching.require(&mut errors);
    }
    if errors.is_empty() { Ok(matching.finish()) } else { Err(errors) }
}

/// What of a header can be matched, though all of it can't: column of the file → column of the kind.
pub fn as_far_as_it_goes(
    kind: Kind,
    header: &[String],
    wishes: &Wishes,
    remembered: Option<&BTreeMap<String, String>>,
) -> BTreeMap<String, String> {
    Matching::of(kind, header, wishes, remembered).0.finish().pairs
}

fn check_header(kind: Kind, header: &[String]) -> Result<(), Vec<FieldError>> {
    let complain = |message: String| Err(vec![FieldError::new("header", message)]);
    if header.len() > MAX_COLUMNS {
        return complain(format!("The header has {} columns; at most {MAX_COLUMNS} are read.", header.len()));
    }
    if let [only] = header
        && let Some(separator) =
            [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")].iter().find(|s| only.contains(s.0))
    {
        return complain(format!(
            "The columns are separated by {}. Export the file with commas between its columns.",
            separator.1
        ));
    }
    let mut seen = HashMap::new();
    for (place, name) in header.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        if let Some(earlier) = seen.insert(name, place) {
            return complain(format!(
                "The column \"{name}\" stands twice in the header (columns {} and {}). Rename one of them.",
                earlier + 1,
                place + 1
            ));
        }
    }
    if header.iter().all(String::is_empty) {
        return complain(format!("The header is empty. {}", wanted(kind)));
    }
    Ok(())
}

/// "A file of products has the columns …".
pub fn wanted(kind: Kind) -> String {
    let list = |required: bool| {
        let names: Vec<_> = kind.columns().iter().filter(|c| c.required == required).map(|c| c.name).collect();
        names.join(", ")
    };
    format!("A file of {kind} has the columns {}; it may have {}.", list(true), list(false))
}

struct Matching<'a> {
    kind: Kind,
    header: &'a [String],
    /// Per column of the file: what it is; `Some(None)` = left out on purpose.
    taken: Vec<Option<Option<&'static str>>>,
    constants: HashMap<&'static str, String>,
}

impl<'a> Matching<'a> {
    fn of(
        kind: Kind,
        header: &'a [String],
        wishes: &Wishes,
        remembered: Option<&BTreeMap<String, String>>,
    ) -> (Self, Vec<FieldError>) {
        let mut matching = Self { kind, header, taken: vec![None; header.len()], constants: HashMap::new() };
        let mut errors = Vec::new();
        matching.ask(wishes, &mut errors);
        match remembered {
            Some(pairs) => matching.remember(pairs),
            None => matching.guess(&mut errors),
        }
        (matching, errors)
    }

    fn ask(&mut self, wishes: &Wishes, errors: &mut Vec<FieldError>) {
        for (from, to) in &wishes.map {
            let Some(place) = self.place(from) else {
                errors.push(FieldError::new(
                    "map",
                    format!("The file has no column \"{from}\". It has {}.", self.header.join(", ")),
                ));
                continue;
            };
            if to == "-" {
                self.taken[place] = Some(None);
                continue;
            }
            match self.column(to) {
                None => errors.push(FieldError::new("map", self.unknown(to))),
                Some(column) if self.is_used(column.name) || self.taken[place].is_some() => errors
                    .push(FieldError::new("map", format!("\"{from}\" and \"{to}\" may each be mapped only once."))),
                Some(column) => self.taken[place] = Some(Some(column.name)),
            }
        }
        for (to, value) in &wishes.set {
            match self.column(to) {
                None => errors.push(FieldError::new("set", self.unknown(to))),
                Some(column) if self.is_used(column.name) => errors.push(FieldError::new(
                    "set",
                    format!("{to} can't come from the file and be set to one value at once."),
                )),
                Some(_) if value.contains(char::is_control) => {
                    errors.push(FieldError::new("set", format!("The value of {to} holds a control character.")));
                }
                Some(column) => {
                    self.constants.insert(column.name, value.trim().to_owned());
                }
            }
        }
    }

    fn remember(&mut self, pairs: &BTreeMap<String, String>) {
        for (place, name) in self.header.iter().enumerate() {
            if self.taken[place].is_none()
                && let Some(column) = pairs.get(name).and_then(|to| self.column(to))
                && !self.is_used(column.name)
            {
                self.taken[place] = Some(Some(column.name));
            }
        }
    }

    /// A column's own name goes before what other programs call it.
    fn guess(&mut self, errors: &mut Vec<FieldError>) {
        let names: Vec<_> = self.header.iter().map(|name| normalize(name)).collect();
        for own_name in [true, false] {
            for column in self.kind.columns() {
                if self.is_used(column.name) {
                    continue;
                }
                let fits = |name: &String| match own_name {
                    true => *name == normalize(column.name),
                    false => column.synonyms.contains(&name.as_str()),
                };
                let free = |place: &usize| self.taken[*place].is_none();
                let places: Vec<_> = (0..names.len()).filter(|place| fits(&names[*place])).filter(free).collect();
                match places.as_slice() {
                    [] => {}
                    [place] => self.taken[*place] = Some(Some(column.name)),
                    [first, second, ..] => errors.push(FieldError::new(
                        "header",
                        format!(
                            "Both \"{}\" and \"{}\" look like {}: say which one it is with a mapping, and map the \
                             other to \"-\" to leave it out.",
                            self.header[*first], self.header[*second], column.name
                        ),
                    )),
                }
            }
        }
    }

    fn require(&self, errors: &mut Vec<FieldError>) {
        let is_missing = |column: &&Column| column.required && !self.is_used(column.name);
        let missing: Vec<_> = self.kind.columns().iter().filter(is_missing).map(|c| c.name).collect();
        if !missing.is_empty() {
            errors.push(FieldError::new(
                "header",
                format!(
                    "The file has no column for {}. It has {}. Rename its columns, or map them \
                     (COLUMN={}); {} may also be the same for all rows (set).",
                    missing.join(", "),
                    self.header.join(", "),
                    missing[0],
                    if missing.len() == 1 { "it" } else { "they" }
                ),
            ));
        }
    }

    fn finish(self) -> Mapping {
        let origin = |column: &Column| match self.constants.get(column.name) {
            Some(value) => Origin::Constant(value.clone()),
            None => match self.taken.iter().position(|taken| *taken == Some(Some(column.name))) {
                Some(place) => Origin::Field(place),
                None => Origin::Absent,
            },
        };
        let mut pairs = BTreeMap::new();
        let mut unused = Vec::new();
        for (name, taken) in self.header.iter().zip(&self.taken) {
            match taken {
                Some(Some(to)) => {
                    pairs.insert(name.clone(), (*to).to_owned());
                }
                _ if name.is_empty() => {}
                _ => unused.push(name.clone()),
            }
        }
        Mapping { origins: self.kind.columns().iter().map(origin).collect(), pairs, unused, width: self.header.len() }
    }

    fn is_used(&self, column: &str) -> bool {
        self.constants.contains_key(column) || self.taken.contains(&Some(Some(column)))
    }

    fn place(&self, name: &str) -> Option<usize> {
        let exact = self.header.iter().position(|column| column == name.trim());
        exact.or_else(|| self.header.iter().position(|column| normalize(column) == normalize(name)))
    }

    fn column(&self, name: &str) -> Option<&'static Column> {
        self.kind.columns().iter().find(|column| normalize(column.name) == normalize(name))
    }

    fn unknown(&self, name: &str) -> String {
        let names: Vec<_> = self.kind.columns().iter().map(|column| column.name).collect();
        format!("{} have no column \"{name}\". They have {}.", self.kind, names.join(", "))
    }
}

impl Mapping {
    /// The kind's columns that have a value here, in the kind's order.
    pub fn present(&self, kind: Kind) -> Vec<String> {
        let columns = kind.columns().iter().zip(&self.origins);
        columns.filter(|(_, origin)| **origin != Origin::Absent).map(|(column, _)| column.name.to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &str) -> Vec<String> {
        names.split(',').map(str::to_owned).collect()
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    fn guess(kind: Kind, names: &str) -> Result<Mapping, Vec<FieldError>> {
        match_header(kind, &header(names), &Wishes::default(), None)
    }

    fn refused(kind: Kind, names: &str, wishes: &Wishes) -> String {
        let errors = match_header(kind, &header(names), wishes, None).unwrap_err();
        errors.into_iter().map(|error| error.message).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_header_is_recognized_however_it_is_written() {
        for names in
            ["code,name,parent_code", "Code,NAME,Parent Code", "CODE,Name,parent-code", "Id,Company Name,Parent"]
        {
            let mapping = guess(Kind::Organizations, names).unwrap();
            let expected = vec![Origin::Field(0), Origin::Field(1), Origin::Field(2), Origin::Absent];
            assert_eq!(mapping.origins, expected, "{names}");
            assert_eq!(mapping.present(Kind::Organizations), ["code", "name", "parent_code"]);
        }
    }

    #[test]
    fn a_column_s_own_name_goes_before_a_synonym() {
        let mapping = guess(Kind::Customers, "id,code,name").unwrap();
        assert_eq!(mapping.origins[0], Origin::Field(1));
        assert_eq!(mapping.unused, ["id"]);
    }

    #[test]
    fn a_till_is_recognized_by_its_usual_names() {
        let names = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";
        let mapping = guess(Kind::Orders, names).unwrap();
        assert_eq!(mapping.pairs["InvoiceNo"], "order_number");
        assert_eq!(mapping.pairs["Description"], "product_name");
        assert_eq!(mapping.pairs["Country"], "customer_country");
        assert!(mapping.unused.is_empty());
    }

    #[test]
    fn wishes_go_before_the_guess() {
        let wishes = Wishes { map: pairs(&[("B", "name"), ("name", "-")]), set: pairs(&[("group_code", " VIP ")]) };
        let mapping = match_header(Kind::Organizations, &header("code,name,B"), &wishes, None).unwrap();
        let expected = vec![Origin::Field(0), Origin::Field(2), Origin::Absent, Origin::Constant("VIP".into())];
        assert_eq!(mapping.origins, expected);
        assert_eq!(mapping.unused, ["name"]);
    }

    #[test]
    fn what_is_remembered_replaces_the_guess_but_not_the_wishes() {
        let remembered = BTreeMap::from([("a".to_owned(), "code".to_owned()), ("b".to_owned(), "name".to_owned())]);
        let plain = match_header(Kind::Organizations, &header("a,b,parent"), &Wishes::default(), Some(&remembered));
        assert_eq!(plain.unwrap().unused, ["parent"]);
        let wishes = Wishes { map: pairs(&[("parent", "name")]), set: Vec::new() };
        let mapping = match_header(Kind::Organizations, &header("a,b,parent"), &wishes, Some(&remembered)).unwrap();
        assert_eq!(mapping.origins[..2], [Origin::Field(0), Origin::Field(2)]);
        assert_eq!(mapping.unused, ["b"]);
    }

    #[test]
    fn a_header_that_does_not_fit_is_refused_with_what_to_do() {
        let none = Wishes::default();
        let cases: &[(&str, &str)] = &[
            ("sku,name,colour", "no column for base_price."),
            ("a,b", "no column for sku, name, base_price."),
            ("sku,name,base_price,name", "\"name\" stands twice in the header (columns 2 and 4)"),
            ("sku;name;base_price", "separated by semicolons"),
            ("sku\tname\tbase_price", "separated by tabs"),
            (",,", "The header is empty"),
            ("sku,name,price,unit price", "Both \"price\" and \"unit price\" look like base_price"),
        ];
        for (names, expected) in cases {
            let text = refused(Kind::Products, names, &none);
            assert!(text.contains(expected), "{names}: {text}");
        }
        let many = vec!["x"; MAX_COLUMNS + 1].join(",");
        assert!(refused(Kind::Products, &many, &none).contains("at most 500"));
    }

    #[test]
    fn wishes_that_make_no_sense_are_refused() {
        let cases = [
            (Wishes { map: pairs(&[("zzz", "name")]), set: vec![] }, "The file has no column \"zzz\""),
            (Wishes { map: pairs(&[("a", "colour")]), set: vec![] }, "organizations have no column \"colour\""),
            (Wishes { map: pairs(&[("a", "name"), ("b", "name")]), set: vec![] }, "only once"),
            (Wishes { map: vec![], set: pairs(&[("colour", "red")]) }, "organizations have no column \"colour\""),
            (Wishes { map: pairs(&[("a", "name")]), set: pairs(&[("name", "x")]) }, "at once"),
            (Wishes { map: vec![], set: pairs(&[("group_code", "a\0b")]) }, "holds a control character"),
        ];
        for (wishes, expected) in cases {
            let text = refused(Kind::Organizations, "code,name,a,b", &wishes);
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn only_the_same_columns_in_the_same_order_share_a_signature() {
        assert_eq!(signature(&header("a,b")), signature(&header("a,b")));
        assert_ne!(signature(&header("a,b")), signature(&header("b,a")));
        assert_ne!(signature(&header("a,b")), signature(&header("ab")));
    }
}
