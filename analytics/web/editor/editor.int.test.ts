import type { Locator } from 'playwright-core'
import { expect, it } from 'vitest'
import { inChromium, panel } from '../testing/dashboards.ts'

async function write(editor: Locator, text: string) {
  await editor.press('Control+A')
  await editor.pressSequentially(text)
}

inChromium('the SQL page', ({ visit, show }) => {
  it('the SQL page begins with examples, each of which runs; long values open, NULL is no text', async () => {
    const { page } = await visit('sql')
    await page.locator('.code[data-ready]').waitFor()
    const names = await page.locator('.examples button').allTextContents()
    expect(names.length).toBeGreaterThan(3)
    for (const name of names) {
      await show(page, 'sales')
      await show(page, 'sql')
      await page.locator('.code[data-ready]').waitFor()
      await page.getByRole('button', { name }).click()
      if (name.includes('customer')) await page.getByLabel('customer').fill('alice')
      await page.getByRole('button', { name: 'Run' }).click()
      await page.locator('.result tbody tr').first().waitFor()
    }
    const sql = "SELECT NULL AS nothing, 'NULL' AS word, range(100) AS many"
    await show(page, `sql?q=${encodeURIComponent(sql)}`)
    await page.getByRole('button', { name: 'Run' }).click()
    await page.locator('.result .long summary').click()
    expect(await page.locator('.result .long pre').textContent()).toContain('99')
    expect(await page.locator('.result .null').allTextContents()).toEqual(['NULL'])
  })

  it('a panel’s SQL opens in the editor and runs there; errors show their place; completion knows columns', async () => {
    const { page, complaints } = await visit('sales')
    await panel(page, 'sales-products').getByRole('button', { name: 'SQL' }).click()
    await page.locator('.result').waitFor()
    expect(await page.locator('.result tbody tr').first().textContent()).toContain('=Poster')
    expect(await page.getByLabel('currency').inputValue()).toBe('EUR')
    const editor = page.getByRole('textbox', { name: /SQL statement/ })
    await editor.waitFor()
    await page.locator('.schema summary', { hasText: 'order_items' }).waitFor()
    await write(editor, 'SELECT order_id, payment_out')
    await editor.press('Control+Space')
    const option = page.getByRole('option', { name: /payment_outcome/ })
    await option.waitFor()
    await page.waitForTimeout(200) // for its first 75 ms it takes no key, so that nobody accepts what they have not seen
    await editor.press('Enter')
    await editor.pressSequentially(' FROM orders ORDER BY order_id LIMIT 2')
    await editor.press('Control+Enter')
    // The panel's answer has two rows too: only the heading tells that the next one is there. Whoever runs another statement before ends this one.
    await page.locator('.result th', { hasText: 'payment_outcome' }).waitFor()
    await page.getByText(/^2 rows · /).waitFor()
    expect(decodeURIComponent(page.url())).toContain('payment_outcome+FROM+orders')
    await write(editor, 'SELECT 1 FRM orders')
    await editor.press('Control+Enter')
    await page
      .getByRole('alert')
      .getByText(/Syntax error|Unknown/i)
      .waitFor()
    const wrong = page.locator('.cm-wrong')
    expect(await wrong.textContent()).toBe('orders')
    await editor.press('End')
    expect(await wrong.count()).toBe(1)
    await editor.pressSequentially(' ')
    expect(await wrong.count()).toBe(0)
    await page.locator('.history summary').click()
    await page.locator('.history li button').first().click()
    await expect.poll(() => editor.textContent()).toContain('payment_outcome')
    // Chromium styles what it moves in an editable element; the policy refuses that, and the editor draws its own.
    expect(complaints.filter((text) => !/status of 400|Applying inline style/.test(text))).toEqual([])
  })

  it('what is written while a statement is on its way stays, and so does the statement in the address', async () => {
    const { page } = await visit('sales')
    await show(page, 'sql')
    const editor = page.getByRole('textbox', { name: /SQL statement/ })
    await editor.waitFor()
    await write(editor, 'SELECT 41 AS answer')
    // Both in one turn of the page: the address changes before anybody has looked at it.
    await editor.evaluate((element) => {
      element.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter', ctrlKey: true, bubbles: true, cancelable: true }),
      )
      document.execCommand('insertText', false, ' + 1')
    })
    await page.locator('.result td', { hasText: '41' }).waitFor()
    expect(await editor.textContent()).toBe('SELECT 41 AS answer + 1')
    expect(decodeURIComponent(page.url())).toMatch(/q=SELECT\+41\+AS\+answer$/)
  })

  it('a link to SQL from elsewhere fills the editor and runs nothing', async () => {
    const { page, requests } = await visit(`sql?q=${encodeURIComponent('SELECT 42 AS answer')}`)
    await page.locator('.code[data-ready]').waitFor()
    expect(await page.getByRole('textbox', { name: /SQL statement/ }).textContent()).toContain('SELECT 42')
    expect(await page.locator('.result').count()).toBe(0)
    expect(requests.length).toBeGreaterThan(0)
  })
})
