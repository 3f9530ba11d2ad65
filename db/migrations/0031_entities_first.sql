DROP INDEX "checks_entity";--> statement-breakpoint
CREATE INDEX "checks_entity" ON "checks" USING btree (left("key", length("key") - length("name") - 1),"environment");