-- CreateTable
CREATE TABLE "Recipe" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "note" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "ownerName" TEXT NOT NULL,
    "shared" BOOLEAN NOT NULL,
    "driver" TEXT,
    "model" TEXT,
    "steps" JSONB NOT NULL,
    "stepCount" INTEGER NOT NULL,
    "createdAt" DATETIME NOT NULL,
    "updatedAt" DATETIME NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1
);

-- CreateIndex
CREATE INDEX "Recipe_owner_id_idx" ON "Recipe"("owner", "id");

-- CreateIndex
CREATE INDEX "Recipe_shared_id_idx" ON "Recipe"("shared", "id");
