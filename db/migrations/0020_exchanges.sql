CREATE TABLE "exchange_cursors" (
	"rule_id" uuid PRIMARY KEY NOT NULL,
	"predicate" text NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"read_to" timestamp with time zone NOT NULL,
	"sweep_to" timestamp with time zone,
	"swept_at" timestamp with time zone,
	"swept_key" text,
	"last_slot" timestamp with time zone NOT NULL,
	"revision" integer NOT NULL,
	"backlog" bigint NOT NULL,
	"dropped" bigint NOT NULL,
	"kept_from" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "seen_exchanges" (
	"rule_id" uuid NOT NULL,
	"day" timestamp with time zone NOT NULL,
	"row_key" text NOT NULL,
	CONSTRAINT "seen_exchanges_rule_id_day_row_key_pk" PRIMARY KEY("rule_id","day","row_key")
);
--> statement-breakpoint
ALTER TABLE "exchange_cursors" ADD CONSTRAINT "exchange_cursors_rule_id_rules_id_fk" FOREIGN KEY ("rule_id") REFERENCES "public"."rules"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "seen_exchanges" ADD CONSTRAINT "seen_exchanges_rule_id_exchange_cursors_rule_id_fk" FOREIGN KEY ("rule_id") REFERENCES "public"."exchange_cursors"("rule_id") ON DELETE cascade ON UPDATE no action;