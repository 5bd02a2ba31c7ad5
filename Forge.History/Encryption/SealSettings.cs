using Forge.History.Stores;

namespace Forge.History.Encryption;

/// <summary>How a store encrypts what is written, and by whose wrapping key it opens what was.</summary>
/// <param name="Options">The settings.</param>
/// <param name="Provider">Who wraps the data keys; null if nobody does, and nothing that is encrypted can be opened.</param>
internal sealed record SealSettings(EncryptionOptions Options, IKeyProvider? Provider)
{
    /// <summary>Nothing is encrypted, and no key is given.</summary>
    public static SealSettings None { get; } = new(new EncryptionOptions(), null);

    /// <summary>What seals and opens the values of a store with these data keys.</summary>
    public Seals For(IDataKeys keys, TimeProvider time) => new(keys, Provider, Options, time);
}
