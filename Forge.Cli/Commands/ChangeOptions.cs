using System.CommandLine;
using Forge.Cli.Http;
using Forge.Cli.Profiles;

namespace Forge.Cli.Commands;

/// <summary>The options of commands that change a session.</summary>
internal sealed class ChangeOptions
{
    private const int MostCharacters = 200;

    public ChangeOptions() => IdempotencyKey.Validators.Add(result =>
    {
        if (result.Tokens is [{ Value: var key }] && !(key.Length is > 0 and <= MostCharacters && ConnectionChoice.IsOfAHeader(key) && key.Trim().Length == key.Length))
        {
            result.AddError($"An idempotency key is 1 to {MostCharacters} printable ASCII characters, without space around them.");
        }
    });

    public Option<long?> Epoch { get; } = new("--epoch") { Description = "The epoch of the claim that the change is made under." };

    public Option<string?> IdempotencyKey { get; } = new("--idempotency-key")
    {
        Description = "Makes a repeat of the command safe: the same key takes effect once. Made up if not given, and kept over the command's own attempts.",
    };

    /// <summary>The change that a call says.</summary>
    public Change Of(Call call) => new(call.Get(IdempotencyKey) ?? $"forge-cli-{Guid.NewGuid():N}", call.Get(Epoch));
}
