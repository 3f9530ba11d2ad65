CREATE TABLE "audit" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone NOT NULL,
	"last_at" timestamp with time zone NOT NULL,
	"door" text NOT NULL,
	"actor" jsonb NOT NULL,
	"what" text NOT NULL,
	"outcome" text NOT NULL,
	"because" text,
	"times" integer NOT NULL,
	"same_as" text
);
--> statement-breakpoint
CREATE TABLE "heard_signatures" (
	"door" text NOT NULL,
	"mark" text NOT NULL,
	"heard_at" timestamp with time zone NOT NULL,
	CONSTRAINT "heard_signatures_door_mark_pk" PRIMARY KEY("door","mark")
);
--> statement-breakpoint
CREATE TABLE "signed_doors" (
	"name" text PRIMARY KEY NOT NULL,
	"settings" jsonb NOT NULL,
	"secrets" jsonb NOT NULL,
	"created_by" text NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "audit_same" ON "audit" USING btree ("same_as");--> statement-breakpoint
CREATE INDEX "audit_age" ON "audit" USING btree ("outcome","last_at");--> statement-breakpoint
CREATE INDEX "heard_signatures_age" ON "heard_signatures" USING btree ("heard_at");