using Forge.Silo.Hosting;

var isCommand = args is [KeyCommand.Name or EncryptionCommand.Name, ..];
try
{
    if (isCommand)
    {
        await (args[0] == KeyCommand.Name
            ? KeyCommand.RunAsync(args[1..], Console.Out, Console.Error)
            : EncryptionCommand.RunAsync(args[1..], Console.Out, Console.Error));
        return 0;
    }

    await using var app = ForgeHost.Build(args);
    await app.RunAsync();
    return 0;
}
catch (Exception exception)
{
    await Console.Error.WriteLineAsync(isCommand ? StartFailure.Explain(exception) : $"Forge did not start: {StartFailure.Explain(exception)}");
    return 1;
}
