//! The form "Inheritance settings" (seed): the four switches.

use crate::group_settings::patch::Patch;
use crate::inheritance::own::{Section, Switches};
use crate::web::forms::FormState;

/// The field of a section's switch.
pub fn field(section: Section) -> &'static str {
    match section {
        Section::Pricing => "inherit.pricing",
        Section::Visibility => "inherit.visibility",
        Section::Portal => "inherit.portal",
        Section::PaymentTerms => "inherit.paymentTerms",
    }
}

/// What the form asks to change: all four. A box that isn't ticked is a switch that is off.
pub fn read(form: &FormState) -> Patch {
    let inherit = Section::ALL.into_iter().map(|section| (section, form.is(field(section), "on"))).collect();
    Patch { inherit, ..Patch::default() }
}

/// The form filled with the switches.
pub fn filled(switches: Switches) -> FormState {
    let mut form = FormState::new();
    for section in Section::ALL.into_iter().filter(|section| switches.of(*section)) {
        form.set(field(section), "on");
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inheritance::level::Level;
    use uuid::Uuid;

    #[test]
    fn switches_come_back_the_same() {
        let switches = Switches { visibility: false, payment_terms: false, ..Switches::default() };
        let level = Level { parent_id: Some(Uuid::nil()), ..Level::default() };
        assert_eq!(read(&filled(switches)).applied(&level).unwrap().inherit, switches);
        // All Customers has nothing to inherit from.
        assert!(read(&filled(switches)).applied(&Level::default()).is_err());
    }
}
