ALTER TABLE "alerts" DROP CONSTRAINT "alerts_check_id_checks_id_fk";
--> statement-breakpoint
ALTER TABLE "checks" DROP CONSTRAINT "checks_environment_environments_slug_fk";
