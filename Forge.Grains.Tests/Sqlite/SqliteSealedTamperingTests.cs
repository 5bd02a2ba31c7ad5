using Forge.Grains.Tests.Encryption;
using Forge.History.Encryption;

namespace Forge.Grains.Tests.Sqlite;

/// <summary>The same of a store that encrypts.</summary>
public sealed class SqliteSealedTamperingTests : SqliteTamperingTests
{
    private protected override SealSettings Sealing { get; } = TestKeys.On("a");
}
