CREATE TABLE "media_carriers" (
	"type" text PRIMARY KEY NOT NULL,
	"connection_id" uuid NOT NULL
);
--> statement-breakpoint
ALTER TABLE "contact_alerts" ADD COLUMN "notification_id" uuid;--> statement-breakpoint
ALTER TABLE "media" ADD COLUMN "secret" text;--> statement-breakpoint
ALTER TABLE "destinations" ADD COLUMN "contact_id" text;--> statement-breakpoint
ALTER TABLE "media_carriers" ADD CONSTRAINT "media_carriers_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "destinations_contact" ON "destinations" USING btree ("contact_id") WHERE contact_id is not null;--> statement-breakpoint
ALTER TABLE "contact_alerts" DROP COLUMN "state";