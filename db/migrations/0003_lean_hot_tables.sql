ALTER TABLE "alerts" DROP CONSTRAINT "alerts_incident_id_incidents_id_fk";
--> statement-breakpoint
ALTER TABLE "alerts" DROP CONSTRAINT "alerts_environment_environments_slug_fk";
--> statement-breakpoint
ALTER TABLE "incidents" DROP CONSTRAINT "incidents_environment_environments_slug_fk";
--> statement-breakpoint
ALTER TABLE "timeline" DROP CONSTRAINT "timeline_incident_id_incidents_id_fk";
--> statement-breakpoint
ALTER TABLE "contact_alerts" DROP CONSTRAINT "contact_alerts_environment_environments_slug_fk";
--> statement-breakpoint
ALTER TABLE "summaries" DROP CONSTRAINT "summaries_environment_environments_slug_fk";
--> statement-breakpoint
ALTER TABLE "told" DROP CONSTRAINT "told_environment_environments_slug_fk";
--> statement-breakpoint
ALTER TABLE "batches" DROP CONSTRAINT "batches_environment_environments_slug_fk";
--> statement-breakpoint
ALTER TABLE "posted_alerts" DROP CONSTRAINT "posted_alerts_environment_environments_slug_fk";
--> statement-breakpoint
ALTER TABLE "notifications" DROP CONSTRAINT "notifications_incident_id_incidents_id_fk";
--> statement-breakpoint
ALTER TABLE "notifications" DROP CONSTRAINT "notifications_destination_id_destinations_id_fk";
--> statement-breakpoint
ALTER TABLE "notifications" DROP CONSTRAINT "notifications_entry_id_timeline_id_fk";
--> statement-breakpoint
ALTER TABLE "checks" SET (fillfactor = 70);--> statement-breakpoint
ALTER TABLE "alerts" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "told" SET (fillfactor = 70);--> statement-breakpoint
ALTER TABLE "posted_alerts" SET (fillfactor = 80);
