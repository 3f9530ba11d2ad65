ALTER TABLE "checks" ADD COLUMN "closed" jsonb;--> statement-breakpoint
UPDATE "checks" SET "closed" = jsonb_build_object('alertId', "last"."id", 'reopensAt', null)
FROM (SELECT DISTINCT ON ("check_id") "check_id", "id" FROM "alerts" WHERE "state" = 'RESOLVED' ORDER BY "check_id", "resolved_at" DESC) "last"
WHERE "last"."check_id" = "checks"."id" AND "checks"."quiet_until_clear";--> statement-breakpoint
CREATE INDEX "checks_closed" ON "checks" USING btree (((closed ->> 'reopensAt')::bigint)) WHERE closed is not null;--> statement-breakpoint
ALTER TABLE "checks" DROP COLUMN "quiet_until_clear";
