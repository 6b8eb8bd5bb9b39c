//! Messages for those who have to know.

use super::super::Report;
use super::super::message::Moment;
use super::super::view::{Block, Section};

pub(super) fn section(report: &Report) -> Option<Section> {
    if report.messages.is_empty() {
        return None;
    }
    let messages = report.messages.iter().map(|message| Block::Message {
        occasion: match message.moment {
            Moment::Before => "Before".to_owned(),
            Moment::During => "When it begins".to_owned(),
            Moment::After => "Afterwards".to_owned(),
            Moment::TakingBack => "If it is taken back by hand, before".to_owned(),
            Moment::TakenBack => "If it was taken back by hand, afterwards".to_owned(),
        },
        subject: message.subject.clone(),
        body: message.body.clone(),
    });
    Some(Section::new("messages", "Messages to send").blocks(messages))
}
