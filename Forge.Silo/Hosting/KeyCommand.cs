using Forge.Errors;
using Forge.Identity;
using Forge.Silo.Http;
using Forge.Silo.Security.Audit;
using Forge.Silo.Security.Callers;
using Forge.Silo.Security.Keys;
using Forge.Silo.Security.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Hosting;

/// <summary>
/// The command <c>key</c>: makes, lists and revokes keys in the database that the settings name, whether or not silos run on it. Whoever can
/// reach the database so is its admin anyway.
/// </summary>
internal static class KeyCommand
{
    public const string Name = "key";

    private const string Who = "host";
    private const int PageItems = 1_000;

    /// <summary>Does what the command line says.</summary>
    /// <param name="args">What stands behind the command's name.</param>
    /// <param name="output">Takes what was asked for: of a new key its text alone.</param>
    /// <param name="notes">Takes what is said beside it.</param>
    /// <exception cref="FormatException">The command line is none.</exception>
    /// <exception cref="ForgeException">It cannot be done.</exception>
    public static async Task RunAsync(string[] args, TextWriter output, TextWriter notes)
    {
        var command = KeyCommandLine.Parse(args);
        var configuration = ForgeHost.ReadSettings(command.Settings);
        var forge = HostDatabase.OptionsOf(configuration);
        var (time, options) = (TimeProvider.System, Options.Create(SecurityOf(configuration)));
        await HostDatabase.RequireAsync(forge, mayMake: command.Verb == "create", notes);
        await using var store = await HostDatabase.OpenAsync(forge, time);
        using var remembered = new CheckedKeys(store.Access, options, time);
        var audit = new AuditTrail(store.Access, options, time, NullLogger<AuditTrail>.Instance);
        var keys = new KeyRing(store.Access, remembered, audit, options, time);
        var tenant = command.Given.TryGetValue("tenant", out var named) ? TenantId.Parse(named) : TenantId.Default;
        await (command.Verb switch
        {
            "create" => CreateAsync(keys, tenant, command, output, notes),
            "list" => ListAsync(keys, tenant, output),
            _ => RevokeAsync(keys, tenant, command.Id!, notes),
        });
    }

    private static async Task CreateAsync(KeyRing keys, TenantId tenant, HostCommandLine command, TextWriter output, TextWriter notes)
    {
        var draft = new KeyDraft(
            command.Given.GetValueOrDefault("name") ?? throw new FormatException($"--name is missing.\n{KeyCommandLine.Usage}"),
            KeyDraft.ReadScopes((command.Given.GetValueOrDefault("scopes") ?? "admin").Split(',', StringSplitOptions.TrimEntries)),
            command.Given.TryGetValue("ends", out var ends) ? ReadEnd(ends) : null);
        var (key, text) = await keys.CreateAsync(tenant, draft, Who, CancellationToken.None);
        await output.WriteLineAsync(text);
        await notes.WriteLineAsync(
            $"The key '{key.Name}' of tenant {key.Tenant}, for {string.Join(", ", draft.Scopes.ToNames())}. It is told now and never again.");
    }

    private static async Task ListAsync(KeyRing keys, TenantId tenant, TextWriter output)
    {
        for (string? after = null; ;)
        {
            var page = await keys.ListAsync(tenant, after, PageItems, CancellationToken.None);
            foreach (var key in page.Select(KeyAnswer.Of))
            {
                var state = key.Revoked is { } revoked ? $"revoked {revoked:u}" : key.Ends is { } ends ? $"ends {ends:u}" : "good";
                await output.WriteLineAsync($"{key.Id}  {string.Join(',', key.Scopes),-16}  {key.Created:u}  {state}  {key.Name}");
            }

            if (page.Count < PageItems)
            {
                return;
            }

            after = KeyText.IdOf(page[^1].Id);
        }
    }

    private static async Task RevokeAsync(KeyRing keys, TenantId tenant, string id, TextWriter notes)
    {
        if (await keys.RevokeAsync(tenant, id, Who, CancellationToken.None) is null)
        {
            throw new InvalidRequestException("id", $"is that of no key of tenant {tenant}");
        }

        await notes.WriteLineAsync($"The key {id} is revoked; silos that run refuse it within seconds.");
    }

    private static DateTimeOffset ReadEnd(string text) => text.StartsWith('P')
        ? TimeProvider.System.GetUtcNow() + WireTime.ParseDuration("ends", text)
        : WireTime.Parse("ends", text);

    private static SecurityOptions SecurityOf(IConfiguration configuration)
    {
        var options = new SecurityOptions();
        configuration.GetSection(SecurityOptions.Section).Bind(options);
        return new SecurityOptionsValidator().Validate(null, options) is { Failed: true } result
            ? throw new OptionsValidationException(SecurityOptions.Section, typeof(SecurityOptions), result.Failures)
            : options;
    }
}
