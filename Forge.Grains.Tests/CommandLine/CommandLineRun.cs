using System.Text;
using Forge.Cli;
using Forge.Cli.Hosting;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>Runs <c>forge</c> within the tests, with everything that it has from outside made by them.</summary>
internal sealed class CommandLineRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>The environment.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>The columns of the terminal that shows output and errors; null for pipes.</summary>
    public int? Terminal { get; set; }

    /// <summary>What stands on the standard input.</summary>
    public byte[] Input { get; set; } = [];

    /// <summary>Where the output goes; kept and given by default.</summary>
    public Stream? Output { get; set; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>What it speaks HTTP with; its own by default.</summary>
    public Func<HttpMessageHandler>? Connect { get; set; }

    /// <summary>Where the profiles are.</summary>
    public string ConfigurationFolder => Path.Combine(_folder.Path, "forge");

    /// <summary>One that speaks to a silo.</summary>
    public static CommandLineRun For(Uri url)
    {
        var run = new CommandLineRun();
        run.Variables["FORGE_URL"] = url.ToString();
        return run;
    }

    /// <summary>Runs a command to its end.</summary>
    public async Task<CommandLineResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        using var input = new MemoryStream(Input);
        var surroundings = new Surroundings
        {
            Input = input,
            Output = Output ?? output,
            Error = error,
            OutputIsTerminal = Terminal is not null,
            ErrorIsTerminal = Terminal is not null,
            Width = Terminal ?? 80,
            Variable = name => Variables.GetValueOrDefault(name),
            ConfigurationFolder = ConfigurationFolder,
            Time = Time,
        };
        var code = await ForgeTool.RunAsync(
            arguments, Connect is null ? surroundings : surroundings with { Connect = Connect }, cancellationToken);
        return new CommandLineResult((ExitCode)code, output.ToArray(), Encoding.UTF8.GetString(error.ToArray()));
    }

    /// <summary>Runs a command to its end.</summary>
    public Task<CommandLineResult> RunAsync(params string[] arguments) => RunAsync(arguments, TestContext.Current.CancellationToken);

    /// <summary>Runs a command and expects it to be done.</summary>
    public async Task<string> DoneAsync(params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.True(result.Code == ExitCode.Done, $"forge {string.Join(' ', arguments)}: {result.Code}\n{result.Text}{result.Error}");
        return result.Text;
    }

    public void Dispose() => _folder.Dispose();
}

/// <summary>What a command did.</summary>
/// <param name="Code">What it ended with.</param>
/// <param name="Output">What it wrote.</param>
/// <param name="Error">What it wrote beside that.</param>
internal sealed record CommandLineResult(ExitCode Code, byte[] Output, string Error)
{
    public string Text => Encoding.UTF8.GetString(Output);
}
