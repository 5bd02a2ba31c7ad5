using Microsoft.Extensions.Options;

namespace Forge.History.Settings;

/// <summary>Collects what is wrong with settings, each with its name, value and limit.</summary>
internal sealed class OptionsRules(string section)
{
    private readonly List<string> _failures = [];

    public ValidateOptionsResult Result =>
        _failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_failures);

    public void Between(string name, long value, long least, long most)
    {
        if (value < least || value > most)
        {
            _failures.Add(most == long.MaxValue
                ? $"{section}:{name} is {value}; it must be at least {least}."
                : $"{section}:{name} is {value}; it must be from {least} to {most}.");
        }
    }

    public void Between(string name, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
        {
            _failures.Add($"{section}:{name} is {value:c}; it must be from {least:c} to {most:c}.");
        }
    }

    public void That(bool holds, string failure)
    {
        if (!holds)
        {
            _failures.Add(failure);
        }
    }

    public void Include(ValidateOptionsResult result)
    {
        if (result.Failed)
        {
            _failures.AddRange(result.Failures);
        }
    }
}
