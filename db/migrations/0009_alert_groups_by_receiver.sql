DROP INDEX "alert_groups_key";--> statement-breakpoint
CREATE UNIQUE INDEX "alert_groups_key" ON "alert_groups" USING btree ("environment","key","receiver");