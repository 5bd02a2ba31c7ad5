using System.Runtime.InteropServices;
using Forge.Cli;
using Forge.Cli.Hosting;

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
