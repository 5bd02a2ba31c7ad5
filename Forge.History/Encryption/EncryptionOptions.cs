namespace Forge.History.Encryption;

/// <summary>Whether what is written is encrypted.</summary>
public enum EncryptionMode
{
    /// <summary>It is written plain. What was encrypted before is read all the same, if its key is there.</summary>
    Off = 0,

    /// <summary>States, messages, annotations, pending writes and remembered answers are encrypted as they are written.</summary>
    On = 1,
}

/// <summary>How what is stored is encrypted, section <c>Forge:Encryption</c>.</summary>
public sealed class EncryptionOptions
{
    /// <summary>Whether what is written is encrypted; off by default.</summary>
    public EncryptionMode Mode { get; set; } = EncryptionMode.Off;

    /// <summary>
    /// The wrapping keys, each 32 bytes as base64: the first wraps the data keys of tenants, and the others unwrap what they wrapped before.
    /// None by default. Not together with <see cref="KeyFile"/>.
    /// </summary>
    public IList<string> Keys { get; set; } = [];

    /// <summary>
    /// A file with the wrapping keys, one a line as in <see cref="Keys"/>; empty lines and those that begin with <c>#</c> are passed over. It
    /// is read as the silo starts. None by default.
    /// </summary>
    public string? KeyFile { get; set; }

    /// <summary>
    /// How long a silo goes by what it has read of a tenant's data keys: as long may it write by one that was followed by a newer one, or read by
    /// one that was destroyed. 10 s by default, from 1 s to an hour.
    /// </summary>
    public TimeSpan CheckInterval { get; set; } = TimeSpan.FromSeconds(10);
}
