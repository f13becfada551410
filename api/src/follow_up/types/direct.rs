use async_graphql::Context;

use super::FollowUpFields;
use crate::graphql::{Direct, Id, Json, Word};
use crate::id::Kind;

impl Direct for FollowUpFields {
    fn direct(&self, name: &str, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        match name {
            "id" => Id(Kind::FollowUp, self.row.id).write(field, json),
            "group" => self.group(field).write(field, json),
            "meeting" => self.meeting(field).write(field, json),
            "agendaItem" => self.agenda_item(field).write(field, json),
            "recommendation" => self.recommendation(field).write(field, json),
            "dependsOn" => self.depends_on(field).write(field, json),
            "position" => self.position(field).write(field, json),
            "text" => self.text(field).write(field, json),
            "language" => self.language(field).write(field, json),
            "status" => Word(self.status(field)).write(field, json),
            "statusCategory" => Word(self.status_category(field)).write(field, json),
            "availableTransitions" => self.available_transitions(field).write(field, json),
            "priority" => Word(self.priority(field)).write(field, json),
            "assignments" => self.assignments(field).write(field, json),
            "responsibleText" => self.responsible_text(field).write(field, json),
            "raisedOn" => self.raised_on(field).write(field, json),
            "dueOn" => self.due_on(field).write(field, json),
            "dueText" => self.due_text(field).write(field, json),
            "dueQualifier" => self.due_qualifier(field).map(Word).write(field, json),
            "duePrecision" => self.due_precision(field).map(Word).write(field, json),
            "isDueInferred" => self.is_due_inferred(field).write(field, json),
            "isOverdue" if field.item.node.arguments.is_empty() => {
                self.is_overdue(field, None).write(field, json)
            }
            "ageInDays" => self.age_in_days(field).write(field, json),
            "blockedReason" => self.blocked_reason(field).write(field, json),
            "blockedBy" => self.blocked_by(field).write(field, json),
            "actionTaken" => self.action_taken(field).write(field, json),
            "closedOn" => self.closed_on(field).write(field, json),
            "statusReason" => self.status_reason(field).write(field, json),
            "dueChangeCount" => self.due_change_count(field).write(field, json),
            "reassignmentCount" => self.reassignment_count(field).write(field, json),
            "note" => self.note(field).write(field, json),
            "visibility" => Word(self.visibility(field)).write(field, json),
            "sensitivity" => Word(self.sensitivity(field)).write(field, json),
            "publishedAt" => self.published_at(field).write(field, json),
            "createdAt" => self.created_at(field).write(field, json),
            "updatedAt" => self.updated_at(field).write(field, json),
            "viewerPermissions" => self.viewer_permissions(field).write(field, json),
            "version" => self.version(field).write(field, json),
            _ => false,
        }
    }
}
