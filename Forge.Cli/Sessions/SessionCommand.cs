using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Portability;
using Forge.Cli.Timelines;

namespace Forge.Cli.Sessions;

/// <summary>The commands of sessions.</summary>
internal static class SessionCommand
{
    public static Command Make(Surroundings surroundings) => new Command("session", "Sessions as a whole.").Takes(
        SessionListCommand.Make(surroundings),
        InfoCommand.Make(surroundings),
        TimelineCommand.Make(surroundings),
        BranchesCommand.Make(surroundings),
        ForkCommand.Make(surroundings),
        ClaimCommand.Make(surroundings),
        EffectsCommand.Make(surroundings),
        CompactCommand.Make(surroundings),
        VerifyCommand.Make(surroundings),
        ClearCommand.Make(surroundings),
        ReviveCommand.Make(surroundings),
        ExportCommand.OfSession(surroundings),
        ImportCommand.OfSession(surroundings),
        DeleteSessionCommand.Make(surroundings));
}
