ALTER TABLE "alerts" ADD COLUMN "shares_incident" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "group_key" text;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "last_joined_at" timestamp with time zone;--> statement-breakpoint
CREATE UNIQUE INDEX "incidents_joinable" ON "incidents" USING btree ("environment","group_key") WHERE group_key is not null;