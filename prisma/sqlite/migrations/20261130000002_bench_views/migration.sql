-- CreateTable
CREATE TABLE "BenchViews" (
    "personId" TEXT NOT NULL,
    "board" TEXT NOT NULL,
    "views" JSONB NOT NULL,

    PRIMARY KEY ("personId", "board")
);
