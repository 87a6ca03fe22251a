namespace Kameo.Actors.Generators.Models;

/// <summary>An exception class that arrives as itself.</summary>
/// <param name="Type">With <c>global::</c>.</param>
/// <param name="WireName">Full name or alias.</param>
/// <param name="FormatterName">The simple name of its formatter.</param>
internal sealed record ExceptionModel(string Type, string WireName, string FormatterName);
