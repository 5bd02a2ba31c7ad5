using Forge.History.Settings;
using Forge.Silo.Rpc;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Mcp;

/// <summary>Checks <see cref="McpOptions"/>.</summary>
internal sealed class McpOptionsValidator : IValidateOptions<McpOptions>
{
    public const string Section = "Forge:Mcp";
    private const int LeastAnswer = 8 * 1024;
    private const int MostAnswer = 4 * 1024 * 1024;
    private const int LeastRequest = 4 * 1024;
    private const int MostRequest = 64 * 1024 * 1024;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, McpOptions options)
    {
        var rules = new OptionsRules(Section);
        rules.Between(nameof(options.AnswerBytes), options.AnswerBytes, LeastAnswer, MostAnswer);
        rules.Between(nameof(options.RequestBytes), options.RequestBytes, LeastRequest, MostRequest);
        rules.Between(nameof(options.Bytes), options.Bytes, 1, long.MaxValue);
        Origins.Require(rules, $"{Section}:{nameof(options.AllowedOrigins)}", options.AllowedOrigins);
        foreach (var host in options.AllowedHosts)
        {
            rules.That(
                Uri.CheckHostName(host) == UriHostNameType.Dns,
                $"{Section}:{nameof(options.AllowedHosts)} has '{host}'; it must be the name of a host alone, as in forge.example.");
        }

        return rules.Result;
    }
}
