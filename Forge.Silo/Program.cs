using Forge.Silo.Hosting;

try
{
    await using var app = ForgeHost.Build(args);
    await app.RunAsync();
    return 0;
}
catch (Exception exception)
{
    await Console.Error.WriteLineAsync($"Forge did not start: {StartFailure.Explain(exception)}");
    return 1;
}
