using Forge.Grains.Tests.Encryption;
using Forge.History.Encryption;

namespace Forge.Grains.Tests.PostgreSql;

/// <summary>All that a store must do, of one that encrypts.</summary>
public sealed class PostgreSqlSealedStoreTests : PostgreSqlHistoryStoreTests
{
    private protected override SealSettings Sealing { get; } = TestKeys.On("a");

    private protected override int SealBytes => SealedBytes.Overhead;
}
