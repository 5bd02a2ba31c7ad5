using Forge.History.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Forge.Grains.Tests.Sqlite;

public sealed class SqliteFailuresTests
{
    [Theory]
    [InlineData(raw.SQLITE_IOERR_FSYNC, true)]
    [InlineData(raw.SQLITE_IOERR_DIR_FSYNC, true)]
    [InlineData(raw.SQLITE_IOERR_SHMOPEN, true)]
    [InlineData(raw.SQLITE_IOERR_SHMSIZE, true)]
    [InlineData(raw.SQLITE_IOERR_SHMMAP, true)]
    [InlineData(raw.SQLITE_IOERR_SHMLOCK, true)]
    [InlineData(raw.SQLITE_IOERR_NOMEM, true)]
    [InlineData(raw.SQLITE_NOMEM, true)]
    [InlineData(raw.SQLITE_FULL, false)]
    [InlineData(raw.SQLITE_BUSY, false)]
    [InlineData(raw.SQLITE_IOERR_WRITE, false)]
    [InlineData(raw.SQLITE_CONSTRAINT_UNIQUE, false)]
    public void MayHaveReachedTheDisk_WhatFailsBehindTheLastFrame_May(int code, bool may) =>
        Assert.Equal(may, SqliteFailures.MayHaveReachedTheDisk(new SqliteException("failed", code & 0xFF, code)));
}
