using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Differences;
using Forge.Cli.Hosting;

namespace Forge.Cli.Checkpoints;

/// <summary>The commands of checkpoints.</summary>
internal static class CheckpointCommand
{
    public static Command Make(Surroundings surroundings) => new Command("checkpoint", "Checkpoints of a session.").Takes(
        CreateCommand.Make(surroundings),
        ListCommand.Make(surroundings),
        ShowCommand.Make(surroundings),
        RestoreCommand.Make(surroundings),
        DiffCommand.Make(surroundings),
        AtCommand.Make(surroundings),
        TagCommand.Make(surroundings),
        AnnotateCommand.Make(surroundings),
        DeleteCommand.Make(surroundings));
}
