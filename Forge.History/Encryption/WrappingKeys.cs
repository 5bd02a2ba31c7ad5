using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace Forge.History.Encryption;

/// <summary>Finds who provides the wrapping key.</summary>
internal static class WrappingKeys
{
    /// <summary>The provider that was registered, or the keys of the settings; null if there is neither.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="registered">The provider that was registered; null for none.</param>
    /// <param name="time">The clock that says how long that one is waited for; null for the system's.</param>
    /// <exception cref="OptionsValidationException">
    /// What is written is to be encrypted and nobody provides a key, or the file of keys is none.
    /// </exception>
    public static IKeyProvider? Find(EncryptionOptions options, IKeyProvider? registered, TimeProvider? time = null)
    {
        if (registered is not null)
        {
            return new GuardedKeys(registered, time ?? TimeProvider.System);
        }

        var keys = options.KeyFile is { } file ? ReadFile(file) : [.. options.Keys.Select(Read)];
        return keys.Count > 0 ? new ConfiguredKeys(keys)
            : options.Mode == EncryptionMode.Off ? null
            : throw Refused("Forge:Encryption:Mode is On, and there is no key: Forge:Encryption:KeyFile or Forge:Encryption:Keys must give one.");
    }

    /// <summary>Reads a key.</summary>
    /// <param name="text">Base64 of 32 bytes.</param>
    /// <param name="key">The key.</param>
    public static bool TryRead(string text, [NotNullWhen(true)] out byte[]? key)
    {
        var bytes = new byte[ConfiguredKeys.KeyBytes + 3];
        key = Convert.TryFromBase64String(text, bytes, out var length) && length == ConfiguredKeys.KeyBytes ? bytes[..length] : null;
        return key is not null;
    }

    private static byte[] Read(string text) =>
        TryRead(text, out var key) ? key : throw Refused($"One of Forge:Encryption:Keys is no base64 of {ConfiguredKeys.KeyBytes} bytes.");

    private static List<byte[]> ReadFile(string file)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Refused($"Forge:Encryption:KeyFile is '{file}', which cannot be read: {exception.Message}");
        }

        var keys = new List<byte[]>();
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Trim() is { Length: > 0 } line && !line.StartsWith('#'))
            {
                keys.Add(TryRead(line, out var key)
                    ? key
                    : throw Refused($"Forge:Encryption:KeyFile is '{file}', whose line {i + 1} is no base64 of {ConfiguredKeys.KeyBytes} bytes."));
            }
        }

        return keys.Count > 0 ? keys : throw Refused($"Forge:Encryption:KeyFile is '{file}', which has no key.");
    }

    private static OptionsValidationException Refused(string failure) => new("Forge:Encryption", typeof(EncryptionOptions), [failure]);
}
