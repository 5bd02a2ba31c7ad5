using System.Security.Cryptography;
using System.Text;
using Forge.History.Encryption;

namespace Forge.Grains.Tests.Encryption;

/// <summary>Wrapping keys that tests know by name.</summary>
internal static class TestKeys
{
    /// <summary>A store that encrypts.</summary>
    /// <param name="names">The wrapping keys, the one that wraps first.</param>
    public static SealSettings On(params string[] names) => With(EncryptionMode.On, names);

    /// <summary>A store that does not, and opens what these keys open.</summary>
    public static SealSettings Off(params string[] names) => With(EncryptionMode.Off, names);

    /// <summary>The key of a name.</summary>
    public static byte[] KeyOf(string name) => SHA256.HashData(Encoding.UTF8.GetBytes(name));

    private static SealSettings With(EncryptionMode mode, string[] names) => new(
        new EncryptionOptions { Mode = mode }, names.Length == 0 ? null : new ConfiguredKeys([.. names.Select(KeyOf)]));
}
