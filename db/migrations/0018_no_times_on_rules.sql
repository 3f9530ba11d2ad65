DROP INDEX "rules_due";--> statement-breakpoint
ALTER TABLE "rules" DROP COLUMN "next_evaluation_at";--> statement-breakpoint
ALTER TABLE "rules" DROP COLUMN "last_evaluated_at";