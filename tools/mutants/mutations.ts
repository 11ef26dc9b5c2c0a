// Finds small changes to a compiled file that tests might not notice. It reads the JavaScript that tsc wrote, so that a
// mutant needs no compilation: run.ts writes the changed text over a copy of the file.
import ts from 'typescript';

/** One small change to one file. */
export interface Mutation {
  /** The range of the compiled text that is replaced, and its replacement. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** The function or method around the change, `Class.method`; empty at the top of the file. */
  readonly scope: string;
  /** The compiled line on which the change begins, without its indentation. */
  readonly line: string;
  /**
   * The change in words, such as `a < b → a <= b`. With the scope and the line it identifies a mutation
   * (equivalents.json).
   */
  readonly change: string;
}

const operators = new Map<string, string>([
  ['<', '<='],
  ['<=', '<'],
  ['>', '>='],
  ['>=', '>'],
  ['===', '!=='],
  ['!==', '==='],
  ['&&', '||'],
  ['||', '&&'],
  ['??', '&&'],
  ['+', '-'],
  ['-', '+'],
  ['*', '/'],
  ['/', '*'],
  ['%', '*'],
  ['+=', '-='],
  ['-=', '+='],
  ['++', '--'],
  ['--', '++'],
]);

/** Applies the mutation to the text that it was found in. */
export function mutate(text: string, { start, end, replacement }: Mutation): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** Finds all mutations of a compiled file, in the order of the text. */
export function findMutations(text: string): Mutation[] {
  const file = ts.createSourceFile('compiled.js', text, ts.ScriptTarget.ES2023, true, ts.ScriptKind.JS);
  const found: Mutation[] = [];

  const add = (node: ts.Node, start: number, end: number, replacement: string, change: string): void => {
    const { line } = file.getLineAndCharacterOfPosition(start);
    const [from = 0, to = text.length] = file.getLineStarts().slice(line, line + 2);
    found.push({ start, end, replacement, scope: scopeOf(node), line: text.slice(from, to).trim(), change });
  };
  const replace = (node: ts.Node, replacement: string): void => {
    const [start, end] = [node.getStart(), node.getEnd()];
    add(node, start, end, replacement, `${brief(text.slice(start, end))} → ${brief(replacement)}`);
  };
  const remove = (statement: ts.Node): void => {
    const [start, end] = [statement.getStart(), statement.getEnd()];
    add(statement, start, end, ';', `removed: ${brief(text.slice(start, end))}`);
  };

  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || isMessage(node)) return;
    if (isCondition(node)) replace(node, `!(${node.getText()})`);
    if (ts.isBinaryExpression(node)) swap(node, node.operatorToken, replace);
    else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) step(node, replace);
    else if (ts.isExpressionStatement(node) && !isSuperCall(node)) remove(node);
    else if (ts.isReturnStatement(node) && node.expression === undefined) remove(node);
    else if (ts.isBreakOrContinueStatement(node)) remove(node);
    else if (ts.isNumericLiteral(node)) replace(node, node.text === '1' ? '2' : `(${node.getText()} + 1)`);
    else if (ts.isStringLiteral(node) && node.text !== '') replace(node, "''");
    else if (node.kind === ts.SyntaxKind.TrueKeyword) replace(node, 'false');
    else if (node.kind === ts.SyntaxKind.FalseKeyword) replace(node, 'true');
    else if (ts.isBlock(node) && isLongBody(node)) {
      const start = node.getStart() + 1;
      add(node, start, start, ' return;', 'returns at once');
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Replaces a binary operator, such as `a < b → a <= b`. */
function swap(node: ts.BinaryExpression, token: ts.Node, replace: (node: ts.Node, replacement: string) => void): void {
  const operator = operators.get(token.getText());
  if (operator === undefined) return;
  // `??` may not stand beside `&&` or `||` without parentheses.
  const [left, right] = [node.left.getText(), node.right.getText()];
  const parenthesized = (each: string, side: ts.Expression): string =>
    ts.isBinaryExpression(side) ? `(${each})` : each;
  replace(node, `(${parenthesized(left, node.left)} ${operator} ${parenthesized(right, node.right)})`);
}

/** Swaps `++` and `--`. */
function step(
  node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression,
  replace: (node: ts.Node, replacement: string) => void,
): void {
  const text = ts.isPrefixUnaryExpression(node) ? node.getText().slice(0, 2) : node.getText().slice(-2);
  const other = operators.get(text);
  if (other === undefined || text.length !== 2) return;
  replace(node, ts.isPrefixUnaryExpression(node) ? other + node.operand.getText() : node.operand.getText() + other);
}

/** Whether the node decides a branch or a loop. */
function isCondition(node: ts.Node): boolean {
  const { parent } = node as { parent?: ts.Node };
  if (parent === undefined) return false;
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent) || ts.isDoStatement(parent))
    return parent.expression === node;
  return (ts.isConditionalExpression(parent) || ts.isForStatement(parent)) && parent.condition === node;
}

/** Whether the node creates an error or is the sentence of a refusal. Such texts are not mutated. */
function isMessage(node: ts.Node): boolean {
  if (ts.isNewExpression(node)) return node.expression.getText().endsWith('Error');
  const { parent } = node as { parent?: ts.Node };
  const isRefusal = parent !== undefined && ts.isCallExpression(parent) && parent.expression.getText() === 'refusal';
  return isRefusal && ts.isStringLiteral(node) && parent.arguments[1] === node;
}

function isSuperCall({ expression }: ts.ExpressionStatement): boolean {
  return ts.isCallExpression(expression) && expression.expression.kind === ts.SyntaxKind.SuperKeyword;
}

/**
 * Whether the block is the body of a function with more than one statement. A single statement is removed by itself.
 */
function isLongBody(node: ts.Block): boolean {
  const { parent } = node;
  return ts.isFunctionLike(parent) && !ts.isConstructorDeclaration(parent) && node.statements.length > 1;
}

/** The names of the functions and classes around the node. */
function scopeOf(node: ts.Node): string {
  const names: string[] = [];
  for (let at: ts.Node | undefined = node; at !== undefined; at = at.parent as ts.Node | undefined) {
    if (ts.isConstructorDeclaration(at)) names.unshift('constructor');
    else if (isNamed(at) && at.name !== undefined) names.unshift(at.name.getText());
    else if (isNamedFunction(at)) names.unshift(at.name.getText());
  }
  return names.join('.');
}

/** Whether the node is `name = (…) => …`. */
function isNamedFunction(node: ts.Node): node is ts.VariableDeclaration {
  return ts.isVariableDeclaration(node) && node.initializer !== undefined && ts.isArrowFunction(node.initializer);
}

function isNamed(node: ts.Node): node is ts.ClassDeclaration | ts.FunctionDeclaration | ts.MethodDeclaration {
  return (
    ts.isClassDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isAccessor(node)
  );
}

/** The text on one line, cut after 100 characters. */
function brief(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 100)}…` : line;
}
