CREATE TABLE "crowd_members" (
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"contact_id" text NOT NULL,
	CONSTRAINT "crowd_members_kind_name_contact_id_pk" PRIMARY KEY("kind","name","contact_id")
);
--> statement-breakpoint
ALTER TABLE "crowd_members" ADD CONSTRAINT "crowd_members_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "crowd_members_contact" ON "crowd_members" USING btree ("contact_id");