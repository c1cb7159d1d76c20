//! Whom a promotion reaches: by its targets and its campaigns' segments, as a set.

use crate::db::keyset::{Page, Place};
use crate::error::Result;
use crate::promotions::campaigns::{Campaign, running};
use crate::promotions::promotion::Promotion;
use crate::segments::segment::Segment;
use crate::segments::store::audience::{self, Audience, Frame, Somebody};
use crate::segments::store::load;
use diesel::PgConnection;
use uuid::Uuid;

/// Whom a promotion reaches, with what of its campaigns that rests on.
pub struct Reached {
    segments: Vec<Segment>,
    /// None of its campaigns runs today: this is whom it reaches when all of them do.
    pub waits_for_campaign: bool,
}

impl Reached {
    /// Looks at the campaigns of a promotion: those that run today or, where none does, all of them.
    pub fn of(conn: &mut PgConnection, promotion: &Promotion, frame: &Frame<'_>) -> Result<Self> {
        let today: Vec<&Campaign> = running(&promotion.campaigns, frame.today).collect();
        let waits_for_campaign = today.is_empty() && !promotion.campaigns.is_empty();
        let campaigns = if waits_for_campaign { promotion.campaigns.iter().collect() } else { today };
        if campaigns.iter().any(|campaign| campaign.segments.is_empty()) {
            return Ok(Self { segments: Vec::new(), waits_for_campaign });
        }
        let mut ids: Vec<Uuid> = campaigns.iter().flat_map(|campaign| &campaign.segments).map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(Self { segments: load(conn, &ids, frame.currency)?, waits_for_campaign })
    }

    fn audience<'a>(&'a self, promotion: &'a Promotion) -> Audience<'a> {
        Audience {
            groups_in: (!promotion.targets.everyone).then_some(promotion.targets.groups_in.as_slice()),
            groups_not_in: &promotion.targets.groups_not_in,
            segments: &self.segments,
            ..Audience::default()
        }
    }

    /// How many customers are reached, exactly.
    pub fn count(&self, conn: &mut PgConnection, promotion: &Promotion, frame: &Frame<'_>) -> Result<i64> {
        audience::count(conn, &self.audience(promotion), frame)
    }

    /// A page of them by name.
    pub fn page(
        &self,
        conn: &mut PgConnection,
        promotion: &Promotion,
        frame: &Frame<'_>,
        place: &Place<(String, Uuid)>,
        limit: usize,
    ) -> Result<Page<Somebody>> {
        audience::page(conn, &self.audience(promotion), frame, place, limit)
    }
}
