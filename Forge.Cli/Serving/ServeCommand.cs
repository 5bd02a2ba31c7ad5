using System.CommandLine;
using System.Runtime.CompilerServices;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Silo.Hosting;
using Microsoft.Extensions.Hosting;

namespace Forge.Cli.Serving;

/// <summary><c>forge serve</c>.</summary>
internal static class ServeCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var listen = Names.Text("--listen", "Where HTTP listens; http://127.0.0.1:5080 if not given.");
        var data = Names.Text("--data", "The folder of the embedded database; 'data' if not given.");
        var trial = Names.Flag("--trial", "Keep nothing beyond the end of the silo.");
        var settings = new Argument<string[]>("settings")
        {
            Description = "Settings of the silo behind --, as --Forge:SiloPort 11112; docs/operations.md has them.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        return new Command("serve", "Run a silo until it is stopped.")
            .Takes(listen, data, trial, settings)
            .Does(surroundings, (call, cancellationToken) =>
            {
                List<string> given = [.. call.Get(settings)];
                Add("--urls", call.Get(listen));
                Add("--Forge:Data", call.Get(data));
                Add("--Forge:Database", call.Get(trial) ? "Memory" : null);
                return RunAsync([.. given], cancellationToken);

                void Add(string name, string? value)
                {
                    if (value is not null)
                    {
                        given.AddRange([name, value]);
                    }
                }
            });
    }

    /// <summary>Alone in its method, so that no other command loads what a silo is made of.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<ExitCode> RunAsync(string[] settings, CancellationToken cancellationToken)
    {
        try
        {
            await using var app = ForgeHost.Build(settings);

            // The host itself hears of a signal and drains what it accepted.
            await ((IHost)app).RunAsync(cancellationToken);
            return ExitCode.Done;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new CliException(ExitCode.Failed, $"The silo did not start: {StartFailure.Explain(exception)}", innerException: exception);
        }
    }
}
