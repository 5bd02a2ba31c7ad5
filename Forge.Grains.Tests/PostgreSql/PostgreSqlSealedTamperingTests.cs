using Forge.Grains.Tests.Encryption;
using Forge.History.Encryption;

namespace Forge.Grains.Tests.PostgreSql;

/// <summary>The same of a store that encrypts.</summary>
public sealed class PostgreSqlSealedTamperingTests : PostgreSqlTamperingTests
{
    private protected override SealSettings Sealing { get; } = TestKeys.On("a");
}
