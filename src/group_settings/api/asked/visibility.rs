//! The visibility section of what is asked for.

use super::Asked;
use crate::error::Result;
use crate::group_settings::patch::Patch;
use crate::group_settings::store::known;
use crate::inheritance::own::{Access, NamedSet};
use serde_json::{Map, Value};
use uuid::Uuid;

/// The most visibility groups that a call names.
const MOST_SETS: usize = 100;

impl Asked<'_> {
    pub(super) fn visibility(&mut self, patch: &mut Patch, fields: &Map<String, Value>) -> Result<()> {
        let at = |field: &str| format!("visibility.{field}");
        for (field, value) in fields {
            match field.as_str() {
                "access" | "visibilityGroups" => {}
                "included" => patch.included = self.product_set(&at(field), value)?,
                "excluded" => patch.excluded = self.product_set(&at(field), value)?,
                _ => self.unknown(&at(field)),
            }
        }
        let (included, excluded) = (patch.included.as_deref(), patch.excluded.as_deref());
        if included.unwrap_or_default().iter().any(|id| excluded.unwrap_or_default().contains(id)) {
            self.wrong("visibility.excluded", "A product is both included and excluded. Name it in one of them.");
        }
        patch.access = self.access(fields.get("access"), fields.get("visibilityGroups"))?;
        Ok(())
    }

    /// The access choice with the visibility groups that it is by.
    fn access(&mut self, access: Option<&Value>, sets: Option<&Value>) -> Result<Option<Option<Access>>> {
        let path = "visibility.visibilityGroups";
        let chosen = match sets.filter(|sets| !sets.is_null()) {
            Some(sets) => match self.texts(path, sets) {
                Some(texts) => Some(self.visibility_groups(path, &texts)?),
                None => return Ok(None),
            },
            None => None,
        };
        let name = match access {
            // Without a choice, groups that are named are it, and `null` takes it back.
            None => return Ok(sets.map(|_| chosen.map(Access::VisibilityGroups))),
            Some(access) if access.is_null() => None,
            Some(access) => Some(access.as_str().unwrap_or_default()),
        };
        match (name, chosen) {
            (Some("visibilityGroups"), Some(sets)) => return Ok(Some(Some(Access::VisibilityGroups(sets)))),
            (Some("visibilityGroups"), None) => self.wrong(path, "Send the visibility groups that are shown."),
            (None | Some("all" | "products" | "none"), Some(_)) => {
                self.wrong(
                    path,
                    "Visibility groups go with the access \"visibilityGroups\" only. Leave one of both out.",
                );
            }
            (None, None) => return Ok(Some(None)),
            (Some("all"), None) => return Ok(Some(Some(Access::All))),
            (Some("products"), None) => return Ok(Some(Some(Access::ChosenProducts))),
            (Some("none"), None) => return Ok(Some(Some(Access::VisibilityGroups(Vec::new())))),
            _ => self.wrong("visibility.access", "Send \"all\", \"visibilityGroups\", \"products\", \"none\" or null."),
        }
        Ok(None)
    }

    fn visibility_groups(&mut self, path: &str, texts: &[String]) -> Result<Vec<NamedSet>> {
        let mut sets = Vec::new();
        if texts.len() > MOST_SETS {
            self.wrong(path, "Send at most 100 visibility groups.");
            return Ok(sets);
        }
        for text in texts {
            match known::visibility_group(self.conn, text)? {
                Some(set) => sets.push(set),
                None => {
                    let short: String = text.chars().take(120).collect();
                    self.wrong(path, format!("There is no visibility group {short}."));
                }
            }
        }
        sets.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        sets.dedup();
        Ok(sets)
    }

    /// SKUs; `null` and "none" are none of them.
    fn product_set(&mut self, path: &str, value: &Value) -> Result<Option<Vec<Uuid>>> {
        if value.is_null() || value.as_str() == Some("none") {
            return Ok(Some(Vec::new()));
        }
        self.products(path, value)
    }
}
