/** What is left of a message when its figures move (`used: 460`): it is still the same message. */
export function withoutFigures(message: string): string {
  return message.replaceAll(/\d+/g, '#')
}
