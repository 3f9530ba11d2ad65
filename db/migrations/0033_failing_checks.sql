DROP INDEX "checks_failing";--> statement-breakpoint
ALTER TABLE "checks" ADD COLUMN "failing_rule_id" uuid GENERATED ALWAYS AS (case when memory #>> '{lastChange,state}' <> 'ok' then rule_id end) STORED;--> statement-breakpoint
CREATE INDEX "checks_failing" ON "checks" USING btree ("failing_rule_id") WHERE failing_rule_id is not null;--> statement-breakpoint
-- Room on every page for what its rows become: a change that no index knows of then stays on its page.
ALTER TABLE "checks" SET (fillfactor = 70);