using Forge.Errors;
using Forge.Grains.Hosting;
using Forge.History.Encryption;
using Forge.Identity;

namespace Forge.Silo.Hosting;

/// <summary>
/// The command <c>encryption</c>: lists, rotates, wraps anew and destroys the data keys in the database that the settings name, whether or not
/// silos run on it.
/// </summary>
internal static class EncryptionCommand
{
    public const string Name = "encryption";

    public const string Usage = """
        Forge.Silo encryption list [--tenant TENANT]
        Forge.Silo encryption rotate [--tenant TENANT]
        Forge.Silo encryption rewrap
        Forge.Silo encryption destroy --tenant TENANT --yes
        The settings of the silo say which database it is, as --Forge:Data or --ConnectionStrings:Forge, and which keys wrap, as --Forge:Encryption:KeyFile.
        """;

    private static readonly HostCommandLine.Forms Forms = new(
        Usage,
        new Dictionary<string, string[]>(StringComparer.Ordinal)
        {
            ["list"] = ["tenant"],
            ["rotate"] = ["tenant"],
            ["rewrap"] = [],
            ["destroy"] = ["tenant", "yes"],
        },
        Flag: "yes");

    /// <summary>Does what the command line says.</summary>
    /// <param name="args">What stands behind the command's name.</param>
    /// <param name="output">Takes what was asked for.</param>
    /// <param name="notes">Takes what is said beside it.</param>
    /// <exception cref="FormatException">The command line is none.</exception>
    /// <exception cref="ForgeException">It cannot be done.</exception>
    public static async Task RunAsync(string[] args, TextWriter output, TextWriter notes)
    {
        var command = HostCommandLine.Parse(args, Forms);
        var forge = HostDatabase.OptionsOf(ForgeHost.ReadSettings(command.Settings));
        var named = command.Given.TryGetValue("tenant", out var text) ? TenantId.Parse(text) : (TenantId?)null;
        if (command.Verb == "destroy" && (named is null || !command.Given.ContainsKey("yes")))
        {
            throw new FormatException($"What is encrypted can never be read again: --tenant and --yes have to be given.\n{Usage}");
        }

        await HostDatabase.RequireAsync(forge, mayMake: false, notes);
        await using var store = await HostDatabase.OpenAsync(forge, TimeProvider.System);
        var ring = new DataKeyRing(store.DataKeys, HistoryStoreFactory.SealingOf(forge), TimeProvider.System);
        var tenant = named ?? TenantId.Default;
        await (command.Verb switch
        {
            "list" => ListAsync(ring, tenant, output),
            "rotate" => RotateAsync(ring, tenant, notes),
            "rewrap" => RewrapAsync(ring, notes),
            _ => DestroyAsync(ring, tenant, notes),
        });
    }

    private static async Task ListAsync(DataKeyRing ring, TenantId tenant, TextWriter output)
    {
        foreach (var key in await ring.ListAsync(tenant, CancellationToken.None))
        {
            await output.WriteLineAsync($"{key.Number}  {key.CreatedAt:u}  {(key.DestroyedAt is { } at ? $"destroyed {at:u}" : $"wrapped by {key.WrappingKey}")}");
        }
    }

    private static async Task RotateAsync(DataKeyRing ring, TenantId tenant, TextWriter notes) => await notes.WriteLineAsync(
        $"Data key {await ring.RotateAsync(tenant, CancellationToken.None)} of tenant {tenant} is made; silos that run take it within Forge:Encryption:CheckInterval.");

    private static async Task RewrapAsync(DataKeyRing ring, TextWriter notes)
    {
        var (rewrapped, missing) = await ring.RewrapAsync(CancellationToken.None);
        await notes.WriteLineAsync($"{rewrapped} data keys are wrapped by the newest key now.");
        if (missing > 0)
        {
            throw new InvalidRequestException(
                "Forge:Encryption", $"has no key that opens {missing} of the data keys, which stay as they are");
        }
    }

    private static async Task DestroyAsync(DataKeyRing ring, TenantId tenant, TextWriter notes) => await notes.WriteLineAsync(
        $"{await ring.DestroyAsync(tenant, CancellationToken.None)} data keys of tenant {tenant} are destroyed; silos that run forget them, and what they hold of it, within Forge:Encryption:CheckInterval.");
}
