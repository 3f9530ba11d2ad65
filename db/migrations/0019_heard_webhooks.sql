CREATE TABLE "heard_webhooks" (
	"connection_id" uuid NOT NULL,
	"event_id" text NOT NULL,
	"heard_at" timestamp with time zone NOT NULL,
	CONSTRAINT "heard_webhooks_connection_id_event_id_pk" PRIMARY KEY("connection_id","event_id")
);
--> statement-breakpoint
ALTER TABLE "heard_webhooks" ADD CONSTRAINT "heard_webhooks_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "heard_webhooks_age" ON "heard_webhooks" USING btree ("heard_at");