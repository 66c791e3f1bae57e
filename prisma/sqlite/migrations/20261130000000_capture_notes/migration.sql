-- AlterTable
ALTER TABLE "Capture" ADD COLUMN "note" TEXT NOT NULL DEFAULT '';

-- AlterTable
ALTER TABLE "Capture" ADD COLUMN "marks" JSONB NOT NULL DEFAULT '[]';
