using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Portability;
using Forge.Cli.Terminal;

namespace Forge.Cli.Tenants;

/// <summary>The commands of a tenant as a whole.</summary>
internal static class TenantCommand
{
    public static Command Make(Surroundings surroundings) => new Command("tenant", "All sessions of the tenant.").Takes(
        ExportCommand.OfTenant(surroundings),
        ImportCommand.OfTenant(surroundings),
        VerifyTenantCommand.Make(surroundings),
        MakeWhoAmI(surroundings));

    private static Command MakeWhoAmI(Surroundings surroundings) =>
        new Command("whoami", "Show whom the silo takes you for.").Does(surroundings, async (call, cancellationToken) =>
            call.Show(
                await call.Http.GetAsync("v1/whoami", ShapesJson.Default.WhoShape, cancellationToken),
                who => new Fields()
                    .Add("silo", call.Http.Url.ToString())
                    .Add("tenant", who.Tenant)
                    .Add("key", who.Name ?? "none")
                    .Add("scopes", string.Join(", ", who.Scopes ?? []))
                    .Add("ends", who.Ends is { } ends ? Said.Time(ends) : "never")
                    .WriteTo(call.Screen)));
}
