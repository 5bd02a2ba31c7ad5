using System.Runtime.InteropServices;
using Forge.Cli;
using Forge.Cli.Hosting;

// No command but the silo is measured by anybody, and to make the meters of HTTP takes time.
if (!args.Contains("serve"))
{
    AppContext.SetSwitch("System.Diagnostics.Metrics.Meter.IsSupported", false);
}

using var stop = new CancellationTokenSource();

// The first signal ends the command in order; a second one ends the process.
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return await ForgeTool.RunAsync(args, Surroundings.OfProcess(), stop.Token);

void Stop(PosixSignalContext signal)
{
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
