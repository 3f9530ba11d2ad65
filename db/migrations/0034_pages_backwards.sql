DROP INDEX "alerts_page";--> statement-breakpoint
DROP INDEX "maintenances_page";--> statement-breakpoint
CREATE INDEX "alerts_page" ON "alerts" USING btree ("environment","started_at","id");--> statement-breakpoint
CREATE INDEX "maintenances_page" ON "maintenances" USING btree ("environment","starts_at","id");